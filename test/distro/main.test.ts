import { fileURLToPath } from 'node:url';
import test from 'ava';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

const refused: readonly [title: string, args: string[], stderr: string][] = [
  ['no folder', [], 'error: where to? --output is missing\nhint: see --help\n'],
  [
    'another suite',
    ['--output', 'x', '--suite', 'sid'],
    'error: there is no suite sid\nhint: take trixie or bookworm\n',
  ],
  ['an unknown option', ['--otput', 'x'], "error: Unknown option '--otput'\nhint: see --help\n"],
  [
    'an unknown view',
    ['--output', 'x', '--progress', 'loud'],
    'error: progress cannot be shown as loud\nhint: take auto, live, plain, json, none\n',
  ],
];
for (const [title, args, stderr] of refused) {
  test(`main.ts refuses ${title}`, async (t) => {
    const result = await run([process.execPath, program, ...args], { okExitCodes: [2] });
    t.is(result.stderr, stderr);
  });
}

test('main.ts says where the sample distribution can be made when there is no apt', async (t) => {
  const env = { PATH: '/nonexistent', SLIPWAY_CACHE: await temporaryFolder(t) };
  const args = ['--output', '/nonexistent/out', '--mirror', 'http://mirror.invalid/', '--progress', 'none'];
  const result = await run([process.execPath, program, ...args], { env, okExitCodes: [1] });
  t.is(
    result.stderr,
    'error: the sample distribution is made from Debian packages, and this machine has no apt\n' +
      'hint: make it on a Debian machine and copy the folder, or write a treefile for the repositories of your own distribution\n',
  );
});
