import { relative } from 'node:path';
import test from 'ava';
import { concerned } from '../../compose/full-disk.ts';
import { ToolError, UserError } from '../../lib/errors.ts';
import { Events } from '../../lib/events.ts';
import { runInNamespace } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import type { SmallDiskInput, SmallDiskResult } from '../support/compose-on-small-disk.ts';
import { cacheRepo, type MiniPackage, miniDistribution } from './mini-distribution.ts';

/** SLIPWAY_TEST_FULL_DISKS raises the number of sizes that are tried for each place. */
const sizes = Number(process.env.SLIPWAY_TEST_FULL_DISKS ?? 3);

const packages: MiniPackage[] = Array.from({ length: 6 }, (_, number) => ({
  name: `part${number}`,
  files: [{ type: 'file', path: `/usr/share/part${number}`, content: `${number}`.repeat(1_000_000) }],
  scriptlets: { post: { script: `echo ${number} >> /usr/share/parts` } },
}));

for (const small of ['cache', 'repo'] as const) {
  test(`a compose whose ${small} is full says so in one sentence, harms nothing, and the next one gives the same commit`, async (t) => {
    const calm = await miniDistribution(t, packages);
    const { checksum } = await calm.compose();
    const used = await run(['du', '--summarize', '--block-size=1024', `${calm.folder}/${small}`]);
    for (let number = 0; number < sizes; number++) {
      const { folder } = await miniDistribution(t, packages);
      const kibibytes = Math.floor((Number.parseInt(used.stdout, 10) * (number + 0.2)) / sizes);
      const result = await runInNamespace<SmallDiskInput, SmallDiskResult>(
        new URL('../support/compose-on-small-disk.ts', import.meta.url),
        { folder, small, kibibytes, packages: relative(`${folder}/cache`, cacheRepo(folder)) },
        { events: new Events(), signal: new AbortController().signal },
      );
      const size = `with ${kibibytes} KiB`;
      const sentence = `^error: the disk of ${folder}/${small} is full: (the packages unpack to about 8 MiB, )?\\d+ MiB are free\nhint: make room there .*\n$`;
      t.regex(result.stderr, new RegExp(sentence), size);
      t.is(result.exitCode, 1, size);
      t.is(result.refAfterFailure, null, size);
      t.is(result.checksum, checksum, size);
    }
  });
}

const places = { cacheDir: '/disk/cache', repo: '/disk/cache/repo' };
const failures: readonly (readonly [command: string, expected: readonly string[]])[] = [
  ['ostree --repo=/disk/cache/packages/repo commit', ['/disk/cache']],
  ['ostree --repo=/disk/cache/repo pull-local /disk/cache/packages/repo', ['/disk/cache/repo']],
  ['ostree --repo=/elsewhere commit', ['/disk/cache', '/disk/cache/repo']],
];
for (const [command, expected] of failures) {
  test(`concerned() takes ${expected.join(' and ')} for "${command}"`, (t) => {
    const error = new ToolError({ message: 'x', command, exitCode: 1, signal: null, output: '' });
    t.deepEqual(concerned(places, new Error('y', { cause: error })), expected);
  });
}

test('a scriptlet that only tells of a full disk fails the compose, also one whose failures are ignored', async (t) => {
  const script = 'echo "echo: write error: No space left on device" >&2';
  const ignored = { package: 'careless', scriptlet: 'post', reason: 'it does no harm' };
  const mini = await miniDistribution(t, [{ name: 'careless', scriptlets: { post: { script } } }], {
    'ignore-scriptlets': [ignored],
  });
  const error = await t.throwsAsync(mini.compose(), { instanceOf: UserError });
  t.is(error?.code, 'disk-full');
  t.regex(error?.message ?? '', /is full: the packages unpack to about \d+ MiB, \d+ MiB are free$/);
});
