// Runs one external test in a machine of its own: as a systemd unit, through its reboots, and judges it by its exit status, the console,
// the journal and the units.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../../lib/errors.ts';
import { bootFailure } from '../boot-watch.ts';
import { checkLines } from '../console-checks.ts';
import type { Machine } from '../machine-run.ts';
import { type DenylistEntry, remainingFindings } from './denylist.ts';
import type { ExternalTest } from './external/discover.ts';
import { guestPaths, rebootArchive, testArchive, unitName } from './guest-files.ts';
import type { Outcome } from './report.ts';

export interface TestRun {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly reboots: number;
  readonly output: string;
}

/** As automake and kola have it: the test itself says that it makes no sense here. */
const skipStatus = 77;
const largestReboots = 20;
const outputKept = 256 * 1024;
/** Longer than systemd needs to end a unit whose time is over. */
const graceMs = 30_000;
const rebootLimitMs = 600_000;

/** The command that starts the test in the guest. @param mark of the reboot that the test asked for, '' at first */
export function unitArgv(test: ExternalTest, mark: string, remainingSeconds: number): string[] {
  const environment = {
    KOLA_UNIT: unitName,
    KOLA_TEST: test.name,
    KOLA_TEST_EXE: guestPaths.program,
    ...(test.dataFolder === null ? {} : { KOLA_EXT_DATA: guestPaths.data }),
    ...(mark === '' ? {} : { AUTOPKGTEST_REBOOT_MARK: mark }),
  };
  return [
    'systemd-run',
    ...['--quiet', '--wait', '--pipe', '--collect', `--unit=${unitName}`],
    `--property=RuntimeMaxSec=${remainingSeconds}`,
    ...Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`),
    guestPaths.program,
  ];
}

/** Runs a test to its end. @param journalFile receives the journal from the start of the test */
export async function runTest(
  machine: Machine,
  test: ExternalTest,
  context: { readonly denylist: readonly DenylistEntry[]; readonly journalFile: string },
): Promise<TestRun> {
  const limitMs = test.declaration.timeoutMin * 60_000;
  const startedAt = Math.floor(Date.now() / 1000);
  const deadline = performance.now() + limitMs;
  const output: string[] = [];
  let mark = '';
  for (let reboots = 0; ; reboots++) {
    const remainingMs = deadline - performance.now();
    const ended = (outcome: Outcome, reason: string): TestRun => ({
      outcome,
      reason,
      reboots,
      output: output.join('').slice(-outputKept),
    });
    if (remainingMs <= 0) return ended('failed', `did not end within ${test.declaration.timeoutMin} min`);
    const verdictsBefore = machine.verdicts.verdicts.length;
    await unpack(machine, reboots === 0 ? await testArchive(test) : rebootArchive());
    const exit = await runUnit(machine, unitArgv(test, mark, Math.ceil(remainingMs / 1000)), remainingMs + graceMs);
    output.push(exit.output);
    if (exit.type === 'lost') {
      // The test may have rebooted after autopkgtest-reboot-prepare; else the machine died.
      const failure = await nextBoot(machine, verdictsBefore);
      if (failure !== null) return ended('failed', failure);
      const given = await takeMark(machine);
      if (given === '') return ended('failed', 'the machine rebooted without autopkgtest-reboot');
      mark = given;
    } else {
      const given = exit.status === 0 ? '' : await takeMark(machine);
      if (given === '') {
        const problems = await judge(machine, exit.status, startedAt, context);
        if (performance.now() >= deadline)
          return ended('failed', `did not end within ${test.declaration.timeoutMin} min`);
        if (exit.status === skipStatus) return ended('skipped', 'the test says so (exit status 77)');
        return ended(problems.length === 0 ? 'passed' : 'failed', problems.join('; '));
      }
      mark = given;
      await machine.reboot({ timeoutMs: rebootLimitMs });
    }
    output.push(`\n--- rebooted, mark ${mark}\n`);
    if (reboots >= largestReboots) return ended('failed', `rebooted more than ${largestReboots} times`);
  }
}

type UnitExit =
  | { readonly type: 'exit'; readonly status: number; readonly output: string }
  | { readonly type: 'lost'; readonly output: string };

async function runUnit(machine: Machine, argv: readonly string[], timeoutMs: number): Promise<UnitExit> {
  try {
    const { stdout, stderr } = await machine.run(argv, { timeoutMs });
    return { type: 'exit', status: 0, output: stdout + stderr };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const output = error.output === '' ? '' : `${error.output}\n`;
    return error.exitCode === null ? { type: 'lost', output } : { type: 'exit', status: error.exitCode, output };
  }
}

async function unpack(machine: Machine, archive: Buffer): Promise<void> {
  const argv = ['tar', '--extract', '--no-same-owner', '--keep-directory-symlink', '--directory=/'];
  await machine.run(argv, { input: archive });
}

/** Waits for the boot that goes on already. Returns why it did not come. */
async function nextBoot(machine: Machine, verdictsBefore: number): Promise<string | null> {
  const options = { timeoutMs: rebootLimitMs, tolerate: false, resetExpected: true, knownVerdicts: verdictsBefore };
  const outcome = await machine.watchBoot(options);
  return outcome.type === 'verdict' ? null : `the test lost its machine: ${bootFailure(machine, outcome).message}`;
}

/** The mark of a reboot that the test asked for, '' when it did not; each mark is given once. */
async function takeMark(machine: Machine): Promise<string> {
  const { stdout, exitCode } = await machine.run(['cat', guestPaths.rebootMark], { okExitCodes: [0, 1] });
  if (exitCode !== 0) return '';
  await machine.run(['rm', '--force', guestPaths.rebootMark]);
  return stdout;
}

/** Everything that is wrong after the test has ended. @param startedAt seconds since 1970 */
async function judge(
  machine: Machine,
  status: number,
  startedAt: number,
  { denylist, journalFile }: { readonly denylist: readonly DenylistEntry[]; readonly journalFile: string },
): Promise<string[]> {
  // What came before belongs to the boot that was judged when the machine was frozen.
  const said = ['journalctl', '--no-pager', '--output=short-monotonic', `--since=@${startedAt}`];
  const [{ stdout: journal }, units] = await Promise.all([
    machine.run(said),
    machine.run(['systemctl', 'list-units', '--failed', '--plain', '--no-legend']),
  ]);
  await writeFile(journalFile, journal);
  const failed = units.stdout.split('\n').flatMap((line) => line.split(' ')[0] || []);
  const lines = [...machine.console.lines().map(({ text }) => text), ...journal.split('\n')];
  const findings = remainingFindings(denylist, checkLines(lines));
  return [
    ...(status === 0 ? [] : [`exit status ${status}`]),
    ...failed.filter((unit) => unit !== unitName).map((unit) => `${unit} failed`),
    ...findings.map(({ code, line }) => `${code}: ${line.trim()}`),
  ];
}

/** Beside the report: names of the files of one test. */
export function testFiles(test: ExternalTest): { readonly console: string; readonly journal: string } {
  const folder = join('tests', test.name);
  return { console: join(folder, 'console.txt'), journal: join(folder, 'journal.txt') };
}
