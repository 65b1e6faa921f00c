// A command in the guest, however it gets there: by the agent on a virtio port (agent.ts) or by ssh (ssh.ts).

import { ToolError } from '../lib/errors.ts';

export interface GuestResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status, or null when a signal ended the command. */
  readonly exitCode: number | null;
}

export interface GuestRunOptions {
  readonly input?: string | Uint8Array;
  /** Exit statuses that are results, not failures. Default: only 0. */
  readonly okExitCodes?: readonly number[];
  readonly timeoutMs?: number;
}

export const defaultRunTimeoutMs = 120_000;

/** @param how what happened, behind the program's name */
export function guestFailure(
  argv: readonly string[],
  command: string,
  how: string,
  result: Partial<GuestResult>,
  signal: string | null = null,
): ToolError {
  return new ToolError({
    message: `in the guest ${argv[0]} ${how}`,
    command,
    exitCode: result.exitCode ?? null,
    signal,
    output: `${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd(),
  });
}
