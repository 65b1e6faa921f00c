// Images that cannot be booted, judged by real QEMU.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Events } from '../../lib/events.ts';
import type { BootReport } from '../../qemu/boot-report.ts';
import { runSuite } from '../../qemu/suite/run-suite.ts';
import { type SuiteOptions, suiteDefaults } from '../../qemu/suite/suite-options.ts';
import { testImage, testImageDefaults } from '../../qemu/test-image.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { externalTest } from './suite/support/external-test.ts';

const tools = { events: new Events(), signal: new AbortController().signal };

/** A disk without a boot sector, and a folder for the reports; the cache folder is a temporary one until the test ends. */
async function emptyImage(t: ExecutionContext): Promise<{ image: string; outputDir: string }> {
  const folder = await temporaryFolder(t);
  const image = join(folder, 'image.raw');
  await writeFile(image, new Uint8Array(1024 * 1024));
  process.env.SLIPWAY_CACHE = join(folder, 'cache');
  t.teardown(() => delete process.env.SLIPWAY_CACHE);
  return { image, outputDir: join(folder, 'report') };
}

test.serial('testImage() keeps the screen of a boot that failed', async (t) => {
  const { image, outputDir } = await emptyImage(t);
  const options = { ...testImageDefaults, image, outputDir, firmwares: ['bios'], memoryMiB: 64 } as const;
  const report = await testImage({ ...options, accelerator: 'tcg' }, tools);
  t.false(report.passed);
  t.is(report.boots[0]!.screenshot, 'screenshot-bios.png');
  const written = JSON.parse(await readFile(join(outputDir, 'boot.json'), 'utf8')) as BootReport;
  t.is(written.boots[0]!.screenshot, 'screenshot-bios.png');
  t.is((await readFile(join(outputDir, 'screenshot-bios.png'))).toString('latin1', 1, 4), 'PNG');
});

test.serial('runSuite() shows the screen of a machine that did not boot in its page', async (t) => {
  const { image, outputDir } = await emptyImage(t);
  const options: SuiteOptions = {
    ...suiteDefaults,
    ...{ image, outputDir, memoryMiB: 64, accelerator: 'tcg', firmware: 'bios', parallel: 1 },
    ...{ failFast: false, denylist: [], keep: null, command: [], partial: false },
  };
  const report = await runSuite([externalTest('ext.mine.a')], options, tools);
  t.deepEqual(
    report.machines.map(({ screenshot }) => screenshot),
    [report.machines[0]!.console.replace('-console.txt', '-screen.png')],
  );
  t.regex(
    await readFile(join(outputDir, 'report.html'), 'utf8'),
    /<img alt="Screen of machine 1" src="data:image\/png;base64,iVBOR/,
  );
});
