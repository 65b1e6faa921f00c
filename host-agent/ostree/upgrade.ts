// The two halves of an upgrade: download, which can be cut at any time and goes on where it stopped, and staging, which is one rename.

import { run } from '../run.ts';

export const downloadArgv: readonly string[] = ['ostree', 'admin', 'upgrade', '--pull-only'];

// Staged, so that libostree merges /etc at shutdown: edits made between upgrade and reboot are kept.
export const stageArgv: readonly string[] = ['ostree', 'admin', 'upgrade', '--deploy-only', '--stage'];

/** Downloads what is missing of the origin's newest commit; signatures are checked as the remote's configuration says. */
export async function downloadUpgrade(signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
  await run(downloadArgv, { signal, onLine });
}

/** Checks the downloaded commit out beside the others and stages it for the next shutdown. */
export async function stageUpgrade(signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
  await run(stageArgv, { signal, onLine });
}
