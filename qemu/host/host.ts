// The host that a TypeScript test is given: a running machine with few words for what tests do. Everything throws when it goes wrong, so that a
// test needs no assertion for it.

import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { UserError } from '../../lib/errors.ts';
import { quoteCommand } from '../../lib/run.ts';
import type { Unflushed } from '../faults/power-cut.ts';
import type { GuestResult, GuestRunOptions } from '../guest-command.ts';
import type { Machine } from '../machine-run.ts';
import type { Ssh } from '../ssh.ts';
import type { GuestVerdict } from '../verdict.ts';
import { type JournalFilter, journalArgv } from './journal.ts';

export interface Host {
  /** The machine below, with faults, credentials and QEMU itself. Another one after powerCut(). */
  readonly machine: Machine;
  /** Runs a command as root. @throws ToolError with command, status and output */
  run(argv: readonly string[], options?: GuestRunOptions): Promise<GuestResult>;
  /** Runs a command whose standard output, without white space at its ends, must be this or match this; gives it. */
  expect(argv: readonly string[], expected: string | RegExp, options?: GuestRunOptions): Promise<string>;
  /** Reboots and waits until the boot is over. @throws UserError `reboot-refused`, `boot-failed`, or `boot-unhealthy` when a unit failed */
  reboot(): Promise<GuestVerdict>;
  /**
   * Cuts the power and boots from what had been flushed. Needs `hardware: { writeLog: true }`; what was written before the machine was frozen counts as flushed.
   * @throws UserError as reboot()
   */
  powerCut(unflushed?: Unflushed): Promise<GuestVerdict>;
  /** Lines of the serial console since this machine was started. */
  console(): string[];
  /** Lines of the journal of this boot. */
  journal(filter?: JournalFilter): Promise<string[]>;
  /** Copies a file with its mode, as scp does: one side is a path in the guest, written `host:/path`. */
  copy(from: string, to: string): Promise<void>;
  /** The port on 127.0.0.1 that leads to a TCP port of the guest. */
  forward(guestPort: number): Promise<number>;
  /** Keeps RAM and disk as they are; the result goes back to there. Not with `writeLog`. */
  snapshot(): Promise<() => Promise<void>>;
  /** A connection over the network, for what is about ssh. */
  ssh(): Promise<Ssh>;
  stop(): Promise<void>;
}

/** How long a command may take unless it says otherwise: busy machines without KVM need minutes. */
const commandLimitMs = 300_000;

/** @param bootTimeoutMs of each boot after the first */
export function hostOf(started: Machine, bootTimeoutMs: number): Host {
  let machine = started;
  const run = (argv: readonly string[], options: GuestRunOptions = {}): Promise<GuestResult> =>
    machine.run(argv, { timeoutMs: commandLimitMs, ...options });
  const healthy = ({ state, failedUnits }: GuestVerdict): void => {
    if (state === 'running') return;
    const units = failedUnits.map(({ unit }) => unit).join(', ');
    throw new UserError('boot-unhealthy', `the host booted and is ${state}${units === '' ? '' : `: ${units} failed`}`);
  };
  return {
    get machine() {
      return machine;
    },
    run,
    expect: async (argv, expected, options) => {
      const said = (await run(argv, options)).stdout.trim();
      if (typeof expected === 'string' ? said === expected : expected.test(said)) return said;
      throw new UserError(
        'unexpected-output',
        `${quoteCommand(argv)} said ${JSON.stringify(said)} and not ${typeof expected === 'string' ? JSON.stringify(expected) : expected}`,
      );
    },
    reboot: async () => {
      const verdict = await machine.reboot({ timeoutMs: bootTimeoutMs });
      healthy(verdict);
      return verdict;
    },
    powerCut: async (unflushed) => {
      machine = await machine.powerCut(unflushed);
      const verdict = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
      healthy(verdict);
      return verdict;
    },
    console: () => machine.console.lines().map(({ text }) => text),
    journal: async (filter = {}) => {
      const { stdout } = await run(journalArgv(filter), { okExitCodes: [0, 1] }); // 1: nothing matches
      return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('-- '));
    },
    copy: (from, to) => copy(run, from, to),
    forward: (guestPort) => machine.forward(guestPort),
    snapshot: async () => {
      const name = `test-${randomBytes(4).toString('hex')}`;
      await machine.snapshot(name);
      return () => machine.restore(name);
    },
    ssh: () => machine.ssh(),
    stop: () => machine.stop(),
  };
}

const guestSide = 'host:';

async function copy(run: Host['run'], from: string, to: string): Promise<void> {
  if (from.startsWith(guestSide) === to.startsWith(guestSide)) {
    throw new UserError('copy-sides', `one of ${from} and ${to} must be in the guest`, {
      hint: `write ${guestSide}/path for a file there`,
    });
  }
  if (to.startsWith(guestSide)) {
    const mode = ((await stat(from)).mode & 0o7777).toString(8);
    const path = to.slice(guestSide.length);
    await run(['install', '-D', '--no-target-directory', `--mode=${mode}`, '--', '/dev/stdin', path], {
      input: await readFile(from),
    });
    return;
  }
  const path = from.slice(guestSide.length);
  const mode = (await run(['stat', '--dereference', '--format=%a', '--', path])).stdout.trim();
  const { stdout } = await run(['base64', '--wrap=0', '--', path]);
  await writeFile(to, Buffer.from(stdout, 'base64'), { mode: Number.parseInt(mode, 8) });
}
