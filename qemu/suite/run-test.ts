// Runs one external test in a machine of its own: as a systemd unit, through its reboots, and judges it by its exit status, the console,
// the journal, the units, and each boot that it brings about.

import { ToolError } from '../../lib/errors.ts';
import type { Machine } from '../machine-run.ts';
import { requestReboot } from '../request-reboot.ts';
import type { ExternalTest } from './external/discover.ts';
import { rebootArchive, testArchive } from './guest-files.ts';
import { awaitReboot, isNewBoot, type RebootRequest, takeRequest } from './guest-reboot.ts';
import type { BootRules } from './judgement.ts';
import { skipsBaseChecks } from './machines.ts';
import { observeMachine } from './observe.ts';
import type { StartedMachine } from './prepare-machine.ts';
import type { Outcome } from './report.ts';
import { runUnitOfBoot, unitArgv } from './test-unit.ts';

export interface TestRun {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly reboots: number;
  readonly output: string;
}

export interface TestContext {
  readonly rules: BootRules;
  /** Receives the journal from the start of the test. */
  readonly journalFile: string;
}

/** As automake and kola have it: the test itself says that it makes no sense here. */
const skipStatus = 77;
const largestReboots = 20;
const outputKept = 256 * 1024;
/** Longer than systemd needs to end a unit whose time is over. */
const graceMs = 30_000;

/** Runs a test to its end. All its boots together have `timeoutMin`; what hangs ends soon after that. */
export async function runTest(
  { machine, bootId: firstBootId }: StartedMachine,
  test: ExternalTest,
  { rules, journalFile }: TestContext,
): Promise<TestRun> {
  const { timeoutMin } = test.declaration;
  const deadline = performance.now() + timeoutMin * 60_000;
  const remainingMs = (): number => deadline - performance.now();
  const late = `did not end within ${timeoutMin} min`;
  const observer = observeMachine(machine, rules, journalFile);
  const output: string[] = [];
  let mark = '';
  let bootId = firstBootId;
  let reboots = 0;
  const ended = (outcome: Outcome, reason: string): TestRun => ({
    outcome,
    reason,
    reboots,
    output: output.join('').slice(-outputKept),
  });

  await Promise.all([unpack(machine, await testArchive(test)), observer.begin()]);
  for (;;) {
    const known = machine.verdicts.verdicts.length;
    const argv = unitArgv(test, mark, Math.max(1, Math.ceil(remainingMs() / 1000)));
    const end = await runUnitOfBoot(machine, known, argv, Math.max(0, remainingMs()) + graceMs);
    output.push(end.output);
    if (end.type === 'silent') return ended('failed', `${late}, and the guest answers no more`);
    let request: RebootRequest | null = null;
    let lost = end.type === 'lost';
    if (end.type === 'exit') {
      if (remainingMs() <= 0) return ended('failed', late);
      try {
        request = end.status === 0 ? null : await takeRequest(machine);
        await observer.look();
      } catch (error) {
        // A test that reboots its machine itself is ended by the reboot, and may be heard to end just before the machine is gone.
        if (!isLost(error)) throw error;
        lost = true;
      }
    }
    if (end.type === 'exit' && !lost) {
      if (request === null) return judged(end.status);
      const refusal = await requestReboot(machine, request.kind);
      if (refusal !== null) return ended('failed', `the machine refuses the ${request.kind}: ${refusal}`);
    }
    // Without a request the test may have rebooted after autopkgtest-reboot-prepare; else the machine died.
    const reboot = await awaitReboot(machine, known, remainingMs());
    if (reboot.type === 'failed') {
      if (!reboot.late) return ended('failed', `the test lost its machine: ${reboot.reason}`);
      const waited = lost ? 'the connection to the guest was lost' : 'its machine did not boot again';
      return ended('failed', `${late}: ${waited}: ${reboot.reason}`);
    }
    reboots++;
    machine.forgetConnection();
    const left = await takeRequest(machine);
    request ??= left;
    if (request === null) return ended('failed', 'the machine rebooted without autopkgtest-reboot');
    if (!isNewBoot(reboot.verdict, bootId, request.kind)) {
      return ended('failed', `the machine did not reboot: it is still in boot ${bootId}`);
    }
    await observer.judgeReboot(reboot.verdict, bootId, request.kind === 'soft-reboot');
    ({ mark } = request);
    ({ bootId } = reboot.verdict);
    output.push(`\n--- ${request.kind}, mark ${mark}\n`);
    if (reboots > largestReboots) return ended('failed', `rebooted more than ${largestReboots} times`);
    await unpack(machine, rebootArchive());
  }

  function judged(status: number): TestRun {
    if (status === skipStatus) return ended('skipped', 'the test says so (exit status 77)');
    const found = skipsBaseChecks(test.declaration) ? [] : observer.problems();
    const problems = [...(status === 0 ? [] : [`exit status ${status}`]), ...found];
    return ended(problems.length === 0 ? 'passed' : 'failed', problems.join('; '));
  }
}

/** No answer came: the guest reboots, or has died. */
function isLost(error: unknown): boolean {
  return error instanceof ToolError && error.exitCode === null;
}

async function unpack(machine: Machine, archive: Buffer): Promise<void> {
  const argv = ['tar', '--extract', '--no-same-owner', '--keep-directory-symlink', '--directory=/'];
  await machine.run(argv, { input: archive });
}
