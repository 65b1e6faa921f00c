// Runs one TypeScript test file through AVA, its hosts restored from a machine that is frozen already, and tells what became of its tests.

import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../../lib/cache.ts';
import { run } from '../../lib/run.ts';
import { tapReader } from '../../lib/tap.ts';
import { type ExternalTest, testFileEnding } from '../suite/external/discover.ts';
import type { TestRun } from '../suite/run-test.ts';
import type { FrozenState } from '../suite/snapshot/freeze.ts';
import { frozenVariable, imageVariable, writeFrozen } from './frozen-host.ts';

const runner = fileURLToPath(new URL('./cli.mjs', import.meta.resolve('ava')));
const settings = fileURLToPath(new URL('./ava.config.js', import.meta.url));

export function isTestFile({ executable }: Pick<ExternalTest, 'executable'>): boolean {
  return executable.endsWith(testFileEnding);
}

/** Tests that fail are a result; the output is AVA's report, in TAP. @param frozen null when the machine cannot be frozen */
export async function runTestFile(
  test: ExternalTest,
  frozen: FrozenState | null,
  signal: AbortSignal,
): Promise<TestRun> {
  const ended = (outcome: TestRun['outcome'], reason: string, output = ''): TestRun => ({
    ...{ outcome, reason, output, reboots: 0 },
  });
  if (frozen === null) return ended('failed', 'tests in TypeScript need a machine that can be frozen');
  const document = join(frozen.folder, 'frozen.json');
  await writeFrozen(document, frozen);
  const tap = tapReader();
  const lines: string[] = [];
  // AVA and its processes would go on without us, with the machines that they started.
  const argv = [
    'setpriv',
    '--pdeathsig',
    'KILL',
    process.execPath,
    runner,
    '--tap',
    '--config',
    settings,
    basename(test.executable),
  ];
  const { exitCode } = await run(argv, {
    cwd: dirname(test.executable),
    env: {
      SLIPWAY_CACHE: cacheDirectory(),
      [frozenVariable]: document,
      [imageVariable]: frozen.options.image,
      FORCE_COLOR: '0',
    },
    signal,
    timeoutMs: test.declaration.timeoutMin * 60_000,
    okExitCodes: [0, 1, 2],
    onLine: (line) => {
      lines.push(line);
      tap.read(line);
    },
  });
  const output = `${lines.join('\n')}\n`;
  const { passed, skipped, failed } = tap.counts();
  if (failed.length > 0) {
    const titles = failed.map(({ title }) => title).join(', ');
    return ended('failed', `${failed.length} of ${passed + failed.length} failed: ${titles}`, output);
  }
  if (exitCode !== 0) return ended('failed', `AVA ended with status ${exitCode}`, output);
  if (passed > 0) return ended('passed', '', output);
  if (skipped > 0) return ended('skipped', 'the file skips all its tests', output);
  return ended('failed', 'no test ran', output);
}
