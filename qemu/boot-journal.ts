// The journal of the boot that a machine is in, as text: from the guest's verdict, else from the guest itself.

import { ToolError, UserError } from '../lib/errors.ts';
import type { Machine } from './machine-run.ts';
import { formatJournal } from './verdict.ts';

const askLimitMs = 10_000;

/** null for a boot that did not come so far that its verdict unit ran, or whose guest answers no more. */
export async function bootJournal(machine: Pick<Machine, 'verdicts' | 'currentBoot' | 'run'>): Promise<string | null> {
  const { verdicts, poweredOnAtMs } = machine.currentBoot();
  const verdict = machine.verdicts.verdicts.slice(verdicts).at(-1);
  if (verdict !== undefined) return formatJournal(verdict.journal);
  // The agent starts beside the verdict unit; before that, nobody would answer.
  if (machine.verdicts.startedAtMs() <= poweredOnAtMs) return null;
  try {
    const argv = ['journalctl', '--boot', '--no-pager', '--output=short-monotonic'];
    return (await machine.run(argv, { timeoutMs: askLimitMs })).stdout;
  } catch (error) {
    if (error instanceof UserError || error instanceof ToolError) return null;
    throw error;
  }
}
