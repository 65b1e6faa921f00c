// Reboots that a test asks for, or does by itself: what was asked for, and the proof that a new boot is there.

import { bootFailure } from '../boot-watch.ts';
import type { Machine } from '../machine-run.ts';
import { type RebootKind, rebootKinds } from '../request-reboot.ts';
import type { GuestVerdict } from '../verdict.ts';
import { guestPaths } from './guest-files.ts';

export interface RebootRequest {
  readonly kind: RebootKind;
  /** Given to the test when it starts again. */
  readonly mark: string;
}

export type RebootEnd =
  | { readonly type: 'booted'; readonly verdict: GuestVerdict }
  /** It ended badly, or (`late`) is not over in the given time. */
  | { readonly type: 'failed'; readonly late: boolean; readonly reason: string };

type GuestCommands = Pick<Machine, 'run'>;

/** What the test asked for, null when it asked for nothing; each request is given once. */
export async function takeRequest(machine: GuestCommands): Promise<RebootRequest | null> {
  const { stdout, exitCode } = await machine.run(['cat', guestPaths.rebootRequest], { okExitCodes: [0, 1] });
  if (exitCode !== 0) return null;
  await machine.run(['rm', '--force', guestPaths.rebootRequest]);
  return parseRequest(stdout);
}

/** `soft-reboot MARK`. */
export function parseRequest(text: string): RebootRequest | null {
  const [word = '', mark = ''] = text.split(/ (.*)/s, 2);
  const kind = rebootKinds.find((known) => known === word);
  return kind === undefined || mark === '' ? null : { kind, mark };
}

/** Waits for the boot that goes on already. @param known how many verdicts of earlier boots there are */
export async function awaitReboot(
  machine: Pick<Machine, 'watchBoot' | 'console' | 'firmwareLog' | 'verdicts' | 'currentBoot'>,
  known: number,
  timeoutMs: number,
): Promise<RebootEnd> {
  const outcome = await machine.watchBoot({
    timeoutMs: Math.max(1, timeoutMs),
    tolerate: false,
    resetExpected: true,
    knownVerdicts: known,
  });
  if (outcome.type === 'verdict') return { type: 'booted', verdict: outcome.verdict };
  return { type: 'failed', late: outcome.type === 'timeout', reason: bootFailure(machine as Machine, outcome).message };
}

/** A soft reboot keeps the kernel and its boot id; after any other the id is another one. */
export function isNewBoot(verdict: GuestVerdict, bootIdBefore: string, kind: RebootKind): boolean {
  return kind === 'soft-reboot' || verdict.bootId !== bootIdBefore;
}
