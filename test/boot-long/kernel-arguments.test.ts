// Kernel arguments of a machine file, on the sample host: two boots, the second with them.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { testImage, testImageDefaults } from '../../qemu/test-image.ts';
import { bootTimeoutMs, tools } from '../boot/support/machine.ts';
import { sampleHost } from '../support/sample-host.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('testImage() judges the boot with the kernel arguments of the machine', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const image = process.env.SLIPWAY_TEST_IMAGE ?? (await sampleHost(tools)).image;
  const outputDir = await temporaryFolder(t);
  const machine = { kernelArguments: 'test.word=1 test.other' };
  const options = { ...testImageDefaults, image, outputDir, machine, timeoutMs: bootTimeoutMs };
  const report = await testImage({ ...options, firmwares: ['bios'] }, tools);
  t.deepEqual(
    report.boots.flatMap(({ checks }) => checks.filter(({ failure }) => failure !== null)),
    [],
  );
  const journal = await readFile(join(outputDir, 'journal-bios.txt'), 'utf8');
  t.regex(journal, /Command line: .* test\.word=1 test\.other/);
});
