// Asks the guest to reboot, and hears a refusal at once.

import { ToolError } from '../lib/errors.ts';
import type { Machine } from './machine-run.ts';

/** Verbs of systemctl(1). */
export const rebootKinds = ['reboot', 'soft-reboot'] as const;
export type RebootKind = (typeof rebootKinds)[number];

/** A busy guest may need long to ask for its reboot. When systemctl is ended before it has, the guest must say so itself. */
const patienceSeconds = 100;
const askLimitMs = (patienceSeconds + 20) * 1000;

/**
 * Reboots from inside. The answer may be lost with the connection: the next verdict is the proof.
 * @returns why the guest stays as it is, in systemctl's words; null when it goes down, as far as can be told
 */
export async function requestReboot({ run }: Pick<Machine, 'run'>, kind: RebootKind): Promise<string | null> {
  try {
    await run(['timeout', String(patienceSeconds), 'systemctl', kind], { timeoutMs: askLimitMs });
    return null;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    // A systemctl that was answered no more, because the guest already ends its services, fails too.
    if (error.exitCode === null || (await goesDown(run))) return null;
    const words = error.output === '' ? '' : `: ${error.output}`;
    return `systemctl ${kind} ended with status ${error.exitCode}${words}`;
  }
}

async function goesDown(run: Machine['run']): Promise<boolean> {
  try {
    const { stdout } = await run(['sh', '-c', 'systemctl is-system-running || true'], { timeoutMs: askLimitMs });
    return stdout.trim() === 'stopping';
  } catch (error) {
    if (error instanceof ToolError) return true; // nobody is there any more
    throw error;
  }
}
