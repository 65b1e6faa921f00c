// Waits for the end of a boot and says how it ended: the guest's verdict, or why there will be none and where the boot stands.

import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../lib/errors.ts';
import { type BootPhase, bootPhase, lastWords } from './boot-phase.ts';
import type { ConsoleLine } from './console.ts';
import { type ConsoleFinding, checkLine } from './console-checks.ts';
import type { Machine } from './machine-run.ts';
import type { QemuExit } from './process.ts';
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
  | { readonly type: 'fatal'; readonly finding: ConsoleFinding }
  /** The guest reset itself before it gave a verdict. */
  | { readonly type: 'reset' }
  | { readonly type: 'timeout'; readonly timeoutMs: number };

export type FailedBoot = Exclude<BootOutcome, { readonly type: 'verdict' }>;

/** After a fatal line the guest may have more to say, e.g. the trace of a panic. */
const lastWordsMs = 2_000;
const wordsShown = 8;

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
      ...(options.tolerate ? [] : [fatalLine(machine, stop), unexpectedReset(machine, options.resetExpected === true)]),
    ]);
    signal.throwIfAborted(); // QEMU is ended on abort, and its exit may win the race
    if (outcome.type === 'fatal') await Promise.race([sleep(lastWordsMs), machine.qemu.exited]);
    return outcome;
  } finally {
    finished.abort();
  }
}

/** The sentence for a boot that failed: what happened, where it stands, what the console last said. */
export function bootFailure(machine: Machine, outcome: FailedBoot): UserError {
  const start = machine.currentBoot().consoleLine;
  // After a reset the words that matter are those before it.
  const lines =
    outcome.type === 'reset' ? machine.console.lines().slice(0, start) : machine.console.lines().slice(start);
  const phase = bootPhase(lines);
  const words = lastWords(lines, wordsShown);
  const firmwareWords = lastWords(machine.firmwareLog.lines(), 3);
  const silence =
    firmwareWords.length === 0
      ? 'the console said nothing'
      : `the console said nothing, the firmware last said "${firmwareWords.join(' / ')}"`;
  const said =
    words.length === 0 ? silence : `the console last said:\n${words.map((word) => `    ${word}`).join('\n')}`;
  const what = whatHappened(outcome, phase, machine.verdicts.waitingFor());
  return new UserError('boot-failed', `${what}; ${said}`, {
    hint: '`slipway qemu run` shows the whole console; the kernel argument console=ttyS0 makes the guest use it',
  });
}

function whatHappened(outcome: FailedBoot, phase: BootPhase, waitingFor: readonly string[]): string {
  switch (outcome.type) {
    case 'ended':
      return `the machine ended in the ${phase} before the boot was complete${exitReason(outcome.exit)}`;
    case 'fatal':
      return `the boot failed in the ${phase} (${outcome.finding.code}: ${outcome.finding.line.trim()})`;
    case 'reset':
      return `the machine reset itself in the ${phase} before the boot was complete`;
    case 'timeout':
      return `the boot was not complete after ${Math.round(outcome.timeoutMs / 1000)} s and stands in the ${phase}${
        waitingFor.length === 0 ? '' : `, waiting for ${waitingFor.join(', ')}`
      }`;
  }
}

function exitReason(exit: QemuExit): string {
  if (exit.signal !== null) return ` (QEMU was ended by ${exit.signal})`;
  return exit.output === '' ? '' : ` (QEMU: ${exit.output.split('\n').at(-1)})`;
}

function fatalLine(machine: Machine, signal: AbortSignal): Promise<BootOutcome> {
  return new Promise((resolve) => {
    const look = ({ text }: ConsoleLine): void => {
      const finding = signal.aborted ? undefined : checkLine(text);
      if (finding?.fatal === true) resolve({ type: 'fatal', finding });
    };
    machine.console.lines().slice(machine.currentBoot().consoleLine).forEach(look);
    machine.console.onLine(look);
    machine.firmwareLog.onLine(look);
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
