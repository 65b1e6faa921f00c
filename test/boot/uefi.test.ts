import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readDocument } from '../../lib/documents.ts';
import type { BootReport } from '../../qemu/boot-report.ts';
import { testImage, testImageDefaults } from '../../qemu/test-image.ts';
import { sampleHost } from '../support/sample-host.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { bootTimeoutMs, tools } from './support/machine.ts';

test('the sample host boots under UEFI: no failed unit, clean console and journal, reports written', async (t) => {
  const image = process.env.SLIPWAY_TEST_IMAGE ?? (await sampleHost(tools)).image;
  const outputDir = await temporaryFolder(t);
  const options = { ...testImageDefaults, image, firmwares: ['uefi'] as const, outputDir, timeoutMs: bootTimeoutMs };
  const report = await testImage(options, tools);
  t.deepEqual(
    report.boots.flatMap((boot) => boot.checks),
    [
      'the boot completes',
      'console and journal are clean',
      'no unit failed',
      'ssh answers',
      'no job is stuck',
      'the kernel is not tainted',
      'every kernel argument is known',
      'only known ports are open',
      'the clock is right',
      '/etc and /var can be written',
      'there is room',
    ].map((name) => ({ name, failure: null })),
  );
  t.true(report.passed);
  t.is(report.boots[0]!.state, 'running');
  t.true(report.boots[0]!.times!.userspace! > 0);
  t.true(report.boots[0]!.units.some(({ unit, readyAtUs }) => unit === 'ssh.service' && readyAtUs > 0));
  t.regex(await readFile(join(outputDir, 'report.html'), 'utf8'), /aria-label="Slowest units"/);
  t.deepEqual(await readDocument<BootReport>(join(outputDir, 'boot.json'), 'boot-report', 1), report);
});
