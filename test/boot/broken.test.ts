// A host that does not boot must be told apart quickly, with what its console last said.

import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { cacheDirectory } from '../../lib/cache.ts';
import { run } from '../../lib/run.ts';
import { sampleHost } from '../support/sample-host.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { bootTimeoutMs, startTestMachine, tools } from './support/machine.ts';

test('a corrupt initramfs is diagnosed as a kernel panic, long before the time limit', async (t) => {
  const { image, first } = await sampleHost(tools);
  const folder = await temporaryFolder(t);
  const repo = join(cacheDirectory(), 'boot-tests', 'first', 'repo');
  const modules = join(folder, 'modules');
  await run([
    'ostree',
    'checkout',
    `--repo=${repo}`,
    '--user-mode',
    '--subpath=/usr/lib/modules',
    first.checksum,
    modules,
  ]);
  const [version] = await readdir(modules);
  const initrd = join(folder, 'initramfs');
  await writeFile(initrd, randomBytes(64 * 1024));
  const kernel = join(modules, version!, 'vmlinuz');
  const machine = await startTestMachine({
    image,
    directKernel: { kernel, initrd, commandLine: 'console=ttyS0 root=LABEL=root' },
  });
  t.teardown(() => machine.stop());
  const error = await t.throwsAsync(machine.waitForBoot({ timeoutMs: bootTimeoutMs }));
  t.regex(
    error!.message,
    /^the boot failed in the kernel \(kernel-panic: .*Kernel panic - not syncing: .*\); the console last said:\n/,
  );
});
