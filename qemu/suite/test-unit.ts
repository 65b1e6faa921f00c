// The program of a test as a systemd unit in the guest: how it is started, and how it ended.

import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '../../lib/errors.ts';
import type { Machine } from '../machine-run.ts';
import type { ExternalTest } from './external/discover.ts';
import { guestPaths, guestProgram, unitName } from './guest-files.ts';

/** The command that starts the test in the guest. @param mark of the reboot that the test asked for, '' at first */
export function unitArgv(test: ExternalTest, mark: string, remainingSeconds: number): string[] {
  const environment = {
    KOLA_UNIT: unitName,
    KOLA_TEST: test.name,
    KOLA_TEST_EXE: basename(test.executable),
    KOLA_EXT_DATA: guestPaths.data,
    ...(mark === '' ? {} : { AUTOPKGTEST_REBOOT_MARK: mark }),
  };
  return [
    'systemd-run',
    ...['--quiet', '--wait', '--pipe', '--collect', `--unit=${unitName}`],
    `--property=RuntimeMaxSec=${remainingSeconds}`,
    ...Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`),
    guestProgram(test),
  ];
}

export type UnitEnd = { readonly output: string } & (
  | { readonly type: 'exit'; readonly status: number }
  /** Nothing came back in time: the guest hangs, or is too busy to end the unit. */
  | { readonly type: 'silent' }
  /** The connection broke: the guest reboots, or lost its network. */
  | { readonly type: 'lost' }
);

/** For the command to tell what it has heard until its connection was given up. */
const partingMs = 2_000;

/**
 * Runs the unit until it ends or the machine has booted again.
 * @param known how many verdicts of boots there are
 */
export async function runUnitOfBoot(
  machine: Pick<Machine, 'run' | 'verdicts' | 'forgetConnection'>,
  known: number,
  argv: readonly string[],
  timeoutMs: number,
): Promise<UnitEnd> {
  const over = new AbortController();
  const unit = runUnit(machine, argv, timeoutMs);
  // After a soft reboot the old connection may look alive for long: the verdict of the new boot is the proof.
  const booted = machine.verdicts.next(known, over.signal).then(async (): Promise<UnitEnd> => {
    machine.forgetConnection();
    const parting = sleep(partingMs, { type: 'lost', output: '' } as const, { signal: over.signal });
    return await Promise.race([unit, parting]);
  });
  booted.catch(() => {}); // the unit ended first
  try {
    return await Promise.race([unit, booted]);
  } finally {
    over.abort();
  }
}

/** Timers may fire a little before their time. */
const timerSlackMs = 5;

export async function runUnit(
  machine: Pick<Machine, 'run'>,
  argv: readonly string[],
  timeoutMs: number,
): Promise<UnitEnd> {
  const startedAtMs = performance.now();
  try {
    // One stream: what the test says stays in its order.
    const { stdout } = await machine.run(['sh', '-c', 'exec "$@" 2>&1', 'sh', ...argv], { timeoutMs });
    return { type: 'exit', status: 0, output: stdout };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const output = error.output === '' ? '' : `${error.output}\n`;
    if (error.exitCode !== null) return { type: 'exit', status: error.exitCode, output };
    const waitedMs = performance.now() - startedAtMs;
    return { type: waitedMs + timerSlackMs >= timeoutMs ? 'silent' : 'lost', output };
  }
}
