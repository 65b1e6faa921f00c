// The sample host under Secure Boot with keys of its own: what is signed boots and knows it, and an unsigned kernel does not run.
// (test/qemu/boot-sources.test.ts has the unsigned boot loader.)

import test, { type ExecutionContext } from 'ava';
import type { Machine } from '../../qemu/machine-run.ts';
import { bootTimeoutMs, said, startTestMachine, tools } from '../boot/support/machine.ts';
import { signedImage, snakeoilVariables } from '../boot/support/signed-image.ts';
import { sampleHost } from '../support/sample-host.ts';
import { temporaryFolder } from '../support/temporary.ts';

async function started(t: ExecutionContext, kernel: Parameters<typeof signedImage>[2]): Promise<Machine> {
  t.timeout(bootTimeoutMs * 2);
  const { image } = await sampleHost(tools);
  const machine = await startTestMachine({
    image: await signedImage(image, await temporaryFolder(t), kernel, tools),
    firmware: 'uefi-secure',
    hardware: { uefiVariables: snakeoilVariables },
  });
  t.teardown(() => machine.stop());
  return machine;
}

test.serial('a host that is signed boots under Secure Boot, and kernel and firmware say that it is on', async (t) => {
  const machine = await started(t, 'signed');
  const { state, failedUnits } = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
  t.deepEqual({ state, failedUnits }, { state: 'running', failedUnits: [] });
  const variable = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
  t.is(await said(machine, 'od', '--address-radix=n', '--format=u1', '--skip-bytes=4', variable), '1');
  t.regex(await said(machine, 'journalctl', '--boot', '--dmesg', '--output=cat'), /^secureboot: Secure boot enabled$/m);
  t.regex(await said(machine, 'cat', '/sys/kernel/security/lockdown'), /\[integrity\]/);
});

test.serial('Secure Boot refuses a kernel without a signature, though shim and GRUB are signed', async (t) => {
  const machine = await started(t, 'without-signature');
  const error = await t.throwsAsync(machine.waitForBoot({ timeoutMs: bootTimeoutMs }));
  t.regex(
    error!.message,
    /^the boot failed in the boot loader \(boot-loader-stuck: error: you need to load the kernel/,
  );
  t.regex(error!.message, /error: bad shim signature\.$/m);
});
