// A test for each broken image: the harness must fail it, by an event and for the right reason.

import type { TestFn } from 'ava';
import { chosenAccelerator } from '../../../qemu/accelerator.ts';
import { testImage, testImageDefaults } from '../../../qemu/test-image.ts';
import { sampleHost } from '../../support/sample-host.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { alteredImage } from './altered-image.ts';
import { bootTimeoutMs, tools } from './machine.ts';
import type { Mutation } from './mutations.ts';

export function testMutation(test: TestFn, { title, alone, alter, expected }: Mutation): void {
  test(`an image is refused when ${title}`, async (t) => {
    t.timeout(bootTimeoutMs * 2);
    const { image: sound } = await sampleHost(tools);
    const folder = await temporaryFolder(t);
    const image = await alteredImage(sound, folder, alter);
    const accelerator = chosenAccelerator(undefined);
    const firmwares = ['bios'] as const;
    const options = {
      ...testImageDefaults,
      image,
      firmwares,
      accelerator,
      outputDir: folder,
      timeoutMs: bootTimeoutMs,
    };
    const { passed, boots } = await testImage(options, tools);
    t.false(passed);
    const { checks } = boots[0]!;
    for (const [name, diagnosis] of Object.entries(expected)) {
      t.regex(checks.find((check) => check.name === name)?.failure ?? 'passed', diagnosis, name);
    }
    const failed = checks.filter(({ failure }) => failure !== null);
    t.log(failed.map(({ name, failure }) => `${name}: ${failure}`).join('\n'));
    t.notRegex(failed.map(({ failure }) => failure).join('\n'), /the boot was not complete after/);
    if (alone) t.deepEqual(failed.map(({ name }) => name).sort(), Object.keys(expected).sort());
  });
}
