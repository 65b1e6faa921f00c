// Waits for the end of a boot and says how it ended: the guest's verdict, or why there will be none and where the boot stands.

import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../lib/errors.ts';
import { bootAdvice, describeUnitName } from './boot-advice.ts';
import { type BootPhase, bootPhase, lastWords } from './boot-phase.ts';
import type { ConsoleLine } from './console.ts';
import { type ConsoleFinding, checkLine, checkLines } from './console-checks.ts';
import type { BootStart, Machine } from './machine-run.ts';
import type { QemuExit } from './process.ts';
import { stuckUnit, wholeName } from './stuck-job.ts';
import type { GuestVerdict } from './verdict.ts';

export interface BootWatchOptions {
  readonly timeoutMs: number;
  /** Goes on after fatal console lines and resets: for a boot that is expected to fail and fall back. */
  readonly tolerate: boolean;
  /** Verdicts with a smaller number are of earlier boots. Default: those before the present boot. */
  readonly knownVerdicts?: number;
  /** One reset belongs to what is waited for (a reboot). */
  readonly resetExpected?: boolean;
}

export type BootOutcome =
  | { readonly type: 'verdict'; readonly verdict: GuestVerdict }
  /** QEMU ended. */
  | { readonly type: 'ended'; readonly exit: QemuExit }
  /** The console said something after which no good end can come. */
  | { readonly type: 'fatal'; readonly finding: ConsoleFinding; readonly boot: BootStart }
  /** A job without a limit of its own does not end. */
  | { readonly type: 'stuck'; readonly unit: string; readonly seconds: number }
  /** The guest reset itself before it gave a verdict. */
  | { readonly type: 'reset' }
  | { readonly type: 'timeout'; readonly timeoutMs: number };

export type FailedBoot = Exclude<BootOutcome, { readonly type: 'verdict' }>;

/** After a fatal line the guest may have more to say, e.g. the trace of a panic. */
const lastWordsMs = 2_000;
const wordsShown = 8;
const reasonsShown = 4;
const consoleHint =
  '`slipway qemu run` shows the whole console; the kernel argument console=ttyS0 makes the guest use it';
const unsignedHint =
  'sign the boot loader with a key that the firmware knows (machine key `uefi-variables`), or boot with --firmware uefi';

/** Rejects only when the signal fires. */
export async function watchBoot(
  machine: Machine,
  options: BootWatchOptions,
  signal: AbortSignal,
): Promise<BootOutcome> {
  const finished = new AbortController();
  const stop = AbortSignal.any([finished.signal, signal]);
  const known = options.knownVerdicts ?? machine.currentBoot().verdicts;
  try {
    const outcome = await Promise.race([
      machine.verdicts.next(known, stop).then((verdict): BootOutcome => ({ type: 'verdict', verdict })),
      machine.qemu.exited.then((exit): BootOutcome => ({ type: 'ended', exit })),
      sleep(options.timeoutMs, { type: 'timeout', timeoutMs: options.timeoutMs } as const, { signal: stop }),
      ...(options.tolerate
        ? []
        : [
            fatalLine(machine, stop),
            stuckJob(machine, machine.options.stuckAfterSeconds),
            unexpectedReset(machine, options.resetExpected === true),
          ]),
    ]);
    signal.throwIfAborted(); // QEMU is ended on abort, and its exit may win the race
    if (outcome.type === 'fatal') await Promise.race([sleep(lastWordsMs), machine.qemu.exited]);
    return outcome;
  } finally {
    finished.abort();
  }
}

/** The sentence for a boot that failed: what happened, where it stands, why, and what the console last said. */
export function bootFailure(machine: Machine, outcome: FailedBoot): UserError {
  const lines = failedLines(machine, outcome);
  const words = lastWords(lines, wordsShown);
  const firmwareWords = lastWords(machine.firmwareLog.lines(), 3);
  const silence =
    firmwareWords.length === 0
      ? 'the console said nothing'
      : `the console said nothing, the firmware last said "${firmwareWords.join(' / ')}"`;
  const said =
    words.length === 0 ? silence : `the console last said:\n${words.map((word) => `    ${word}`).join('\n')}`;
  const texts = lines.map(({ text }) => text);
  const findings = reasonsOf(outcome, checkLines(texts));
  const advice = bootAdvice(
    texts,
    findings.find((finding) => finding.fatal),
    outcome.type === 'stuck' ? outcome.unit : null,
  );
  const what = whatHappened(outcome, failedPhase(machine, outcome), findings, machine.verdicts.waitingFor());
  const denied = outcome.type === 'fatal' && outcome.finding.code === 'secure-boot-denied';
  return new UserError('boot-failed', `${what}${advice === null ? '' : `; ${advice}`}; ${said}`, {
    hint: denied ? unsignedHint : consoleHint,
  });
}

/** Where the boot stands, or stood before its reset. */
export function failedPhase(machine: Machine, outcome: FailedBoot): BootPhase {
  // The verdict unit is a unit of the host, and speaks whatever the console keeps quiet about.
  const { poweredOnAtMs } = outcome.type === 'fatal' ? outcome.boot : machine.currentBoot();
  const verdictUnitRuns = outcome.type !== 'reset' && machine.verdicts.startedAtMs() > poweredOnAtMs;
  return verdictUnitRuns ? 'userspace' : bootPhase(failedLines(machine, outcome));
}

// After a reset the words that matter are those before it; a guest may well reset itself while its last words are waited for.
function failedLines(machine: Machine, outcome: FailedBoot): readonly ConsoleLine[] {
  const { consoleLine, previousConsoleLine } = machine.currentBoot();
  const lines = machine.console.lines();
  switch (outcome.type) {
    case 'reset':
      return lines.slice(previousConsoleLine, consoleLine);
    case 'fatal':
      return lines.slice(outcome.boot.consoleLine, consoleLine > outcome.boot.consoleLine ? consoleLine : undefined);
    case 'ended':
    case 'stuck':
    case 'timeout':
      return lines.slice(consoleLine);
  }
}

function whatHappened(
  outcome: FailedBoot,
  phase: BootPhase,
  findings: readonly ConsoleFinding[],
  waitingFor: readonly string[],
): string {
  switch (outcome.type) {
    case 'ended':
      return `the machine ended in the ${phase} before the boot was complete${exitReason(outcome.exit)}${reasons(findings)}`;
    case 'fatal':
      return `the boot failed in the ${phase}${reasons(findings)}`;
    case 'stuck':
      return `the boot hangs in the ${phase}, waiting for ${describeUnitName(outcome.unit)} for ${outcome.seconds} s${reasons(findings)}`;
    case 'reset':
      return `the machine reset itself in the ${phase} before the boot was complete${reasons(findings)}`;
    case 'timeout':
      return `the boot was not complete after ${Math.round(outcome.timeoutMs / 1000)} s and stands in the ${phase}${
        waitingFor.length === 0 ? '' : `, waiting for ${waitingFor.join(', ')}`
      }${reasons(findings)}`;
  }
}

// In the order in which they were said: the first are the cause of the others. What ended the boot comes last; what was said after it only
// follows from it.
function reasonsOf(outcome: FailedBoot, findings: readonly ConsoleFinding[]): ConsoleFinding[] {
  if (outcome.type !== 'fatal') return findings.slice(0, reasonsShown);
  const end = findings.findIndex(({ line }) => line === outcome.finding.line);
  const before = end === -1 ? findings : findings.slice(0, end);
  return [...before.slice(0, reasonsShown - 1), outcome.finding];
}

function reasons(findings: readonly ConsoleFinding[]): string {
  return findings.length === 0 ? '' : ` (${findings.map(({ code, line }) => `${code}: ${line.trim()}`).join('; ')})`;
}

function exitReason(exit: QemuExit): string {
  if (exit.signal !== null) return ` (QEMU was ended by ${exit.signal})`;
  return exit.output === '' ? '' : ` (QEMU: ${exit.output.split('\n').at(-1)})`;
}

function fatalLine(machine: Machine, signal: AbortSignal): Promise<BootOutcome> {
  return new Promise((resolve) => {
    const look = ({ text }: ConsoleLine): void => {
      const finding = signal.aborted ? undefined : checkLine(text);
      if (finding?.fatal === true) resolve({ type: 'fatal', finding, boot: machine.currentBoot() });
    };
    machine.console.lines().slice(machine.currentBoot().consoleLine).forEach(look);
    machine.console.onLine(look);
    machine.firmwareLog.onLine(look);
  });
}

// Later the guest itself looks after its jobs (guest/verdict.sh) and tells its whole verdict on a boot that hangs.
function stuckJob(machine: Machine, limitSeconds: number): Promise<BootOutcome> {
  return new Promise((resolve) => {
    machine.console.onLine(({ text }) => {
      const unit = stuckUnit(text, limitSeconds);
      const { poweredOnAtMs, consoleLine } = machine.currentBoot();
      if (unit === null || machine.verdicts.startedAtMs() > poweredOnAtMs) return;
      const texts = machine.console.lines().slice(consoleLine);
      const whole = wholeName(
        unit,
        texts.map((line) => line.text),
      );
      resolve({ type: 'stuck', unit: whole, seconds: limitSeconds });
    });
  });
}

// A reset while the console is silent is the firmware's own: SeaBIOS answers the kernel's soft reboot with a hard one.
function unexpectedReset(machine: Machine, oneExpected: boolean): Promise<BootOutcome> {
  let expected = oneExpected ? 1 : 0;
  let linesBefore = machine.currentBoot().consoleLine;
  return new Promise((resolve) => {
    machine.qemu.qmp.onEvent(({ event, data }) => {
      if (event !== 'RESET' || data.guest !== true) return;
      const lineCount = machine.console.lines().length;
      const wasSilent = lineCount === linesBefore;
      linesBefore = lineCount;
      if (!wasSilent && expected-- <= 0) resolve({ type: 'reset' });
    });
  });
}
