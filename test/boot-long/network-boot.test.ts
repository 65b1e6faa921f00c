// The sample host booted by a machine file over the network (iPXE), while its own boot loader finds nothing.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { baseChecks, strictPolicy } from '../../qemu/base-checks.ts';
import { readMachineFile } from '../../qemu/machine-file.ts';
import { alteredImage } from '../boot/support/altered-image.ts';
import { bootTimeoutMs, said, startTestMachine, tools } from '../boot/support/machine.ts';
import { sampleHost } from '../support/sample-host.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface HostKernel {
  /** Raw image whose own boot loader finds nothing to boot. */
  readonly image: string;
  readonly kernel: Buffer;
  readonly initramfs: Buffer;
  readonly kernelArguments: string;
}

async function takeKernel(folder: string): Promise<HostKernel> {
  const { image } = await sampleHost(tools);
  let taken: Omit<HostKernel, 'image'> | undefined;
  const altered = await alteredImage(image, folder, async (root) => {
    taken = {
      kernel: await root.read(root.kernel),
      initramfs: await root.read(root.initramfs),
      kernelArguments: await root.kernelArguments(),
    };
    await root.setKernelArguments('root=LABEL=nowhere');
  });
  return { ...taken!, image: altered };
}

test('the sample host boots over the network', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const folder = await temporaryFolder(t);
  const { image, kernel, initramfs, kernelArguments } = await takeKernel(folder);
  const tftp = join(folder, 'tftp');
  await mkdir(tftp);
  await writeFile(join(tftp, 'vmlinuz'), kernel);
  await writeFile(join(tftp, 'initramfs'), initramfs);
  const script = `#!ipxe\nkernel vmlinuz ${kernelArguments} test.from=network\ninitrd initramfs\nboot\n`;
  await writeFile(join(tftp, 'boot.ipxe'), script);
  const machineFile = join(folder, 'machine.yaml');
  await writeFile(machineFile, 'boot: {pxe: {folder: tftp, file: boot.ipxe}}\n');
  const machine = await startTestMachine({ image, ...readMachineFile(machineFile) });
  t.teardown(() => machine.stop());
  const { state, facts } = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
  t.is(state, 'running');
  t.deepEqual(
    baseChecks(facts, null, strictPolicy).filter(({ failure }) => failure !== null),
    [],
  );
  t.regex(await said(machine, 'cat', '/proc/cmdline'), / test\.from=network( |$)/);
});
