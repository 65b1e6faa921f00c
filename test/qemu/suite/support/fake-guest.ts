// A guest made of answers, for tests of how a test is run in a machine: each unit run and each awaited boot takes the next of its list.

import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '../../../../lib/errors.ts';
import type { BootOutcome, BootWatchOptions } from '../../../../qemu/boot-watch.ts';
import type { Machine } from '../../../../qemu/machine-run.ts';
import type { GuestVerdict } from '../../../../qemu/verdict.ts';

/** How the unit of the test ends; `request` is what it leaves in the file for reboots. */
export type UnitAnswer = {
  readonly request?: string;
  /** The guest is gone when its journal is asked for next. */
  readonly dies?: true;
} & (
  | { readonly status: number }
  /** The connection breaks. */
  | { readonly lost: true }
  /** Nothing comes back until the caller's time is over. */
  | { readonly silent: true }
);

/** Programs that start another one -> where it stands among their arguments. */
const wrapped: Readonly<Record<string, number>> = { sh: 4, timeout: 2 };

export interface FakeGuest {
  readonly machine: Machine;
  /** Every command that was run, as words. */
  readonly commands: readonly string[];
  /** The time limits that boots were waited for with. */
  readonly bootLimitsMs: readonly number[];
}

export interface FakeAnswers {
  readonly units: readonly UnitAnswer[];
  readonly boots?: readonly BootOutcome[];
  /** What the journal says after a cursor. */
  readonly journal?: string;
  readonly failedUnits?: string;
  /** What `systemctl` says to a reboot that it refuses. */
  readonly refusal?: string;
  /** The verdict of a new boot is there as soon as it is asked for. */
  readonly newVerdict?: boolean;
}

export function fakeGuest({
  units,
  boots = [],
  journal = '',
  failedUnits = '',
  refusal,
  newVerdict = false,
}: FakeAnswers): FakeGuest {
  const [unitQueue, bootQueue] = [[...units], [...boots]];
  const commands: string[] = [];
  const bootLimitsMs: number[] = [];
  let request: string | undefined;
  let dies = false;
  const result = (stdout: string, exitCode = 0) => ({ stdout, stderr: '', exitCode });
  const lost = (command: string): ToolError =>
    new ToolError({ message: 'lost', command, exitCode: null, signal: null, output: 'so far' });

  const run: Machine['run'] = async (argv, options = {}) => {
    const command = argv.join(' ');
    commands.push(command);
    switch (wrapped[argv[0]!] === undefined ? argv[0] : argv[wrapped[argv[0]!]!]) {
      case 'systemd-run': {
        const answer = unitQueue.shift()!;
        request = answer.request ?? request;
        dies = answer.dies ?? false;
        if ('status' in answer && answer.status === 0) return result('said\n');
        if ('silent' in answer) await sleep(options.timeoutMs, undefined, { ref: false });
        const exitCode = 'status' in answer ? answer.status : null;
        throw new ToolError({ message: 'failed', command, exitCode, signal: null, output: 'said' });
      }
      case 'cat': {
        const known = request;
        return known === undefined ? result('', 1) : result(known);
      }
      case 'rm':
        request = undefined;
        return result('');
      case 'journalctl':
        if (dies) {
          dies = false;
          throw lost(command);
        }
        return result(`${command.includes('--after-cursor') ? journal : ''}-- cursor: s=1\n`);
      case 'systemctl':
        if (argv[1] === 'list-units') return result(failedUnits);
        if (refusal === undefined) throw lost(command);
        throw new ToolError({ message: 'failed', command, exitCode: 1, signal: null, output: refusal });
      default:
        return result('');
    }
  };
  const machine = {
    run,
    forgetConnection: () => void commands.push('(forget connection)'),
    console: { lines: () => [], onLine: () => {} },
    firmwareLog: { lines: () => [], onLine: () => {} },
    verdicts: {
      verdicts: [],
      waitingFor: () => [],
      startedAtMs: () => 0,
      next: () => (newVerdict ? Promise.resolve() : new Promise(() => {})),
    },
    screenshot: async () => {},
    currentBoot: () => ({ poweredOnAtMs: 0, consoleLine: 0, previousConsoleLine: 0, verdicts: 0 }),
    watchBoot: async ({ timeoutMs }: BootWatchOptions) => {
      bootLimitsMs.push(timeoutMs);
      const next = bootQueue.shift();
      if (next !== undefined) return next;
      await new Promise((resolve) => setTimeout(resolve, timeoutMs));
      return { type: 'timeout', timeoutMs };
    },
  };
  return { machine: machine as unknown as Machine, commands, bootLimitsMs };
}

/** A boot that went well. */
export function booted(bootId: string, changes: Partial<GuestVerdict> = {}): BootOutcome {
  const facts = { leftJobs: [], tainted: 0, sockets: [], places: [], unknownArguments: [], clockAheadSeconds: null };
  const verdict = {
    ...{
      bootId,
      state: 'running',
      failedUnits: [],
      kernelStartedAtMs: 0,
      timestampsUs: new Map(),
      journal: [],
      units: [],
      facts,
    },
    ...changes,
  };
  return { type: 'verdict', verdict };
}
