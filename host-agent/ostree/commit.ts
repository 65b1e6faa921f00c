// Version and time of a commit, from `ostree show`.

import type { Advisory } from '../../lib/advisories.ts';
import { run } from '../run.ts';

export interface CommitInfo {
  readonly checksum: string;
  readonly version: string | null;
  /** Seconds since 1970. */
  readonly timestamp: number | null;
}

/** What the remote offers. */
export interface NewestCommit extends CommitInfo {
  /** Those that it fixes of the booted commit, the worst first. */
  readonly advisories: readonly Advisory[];
}

export function showArgv(checksum: string): readonly string[] {
  return ['ostree', 'show', checksum];
}

export async function readCommit(checksum: string, signal?: AbortSignal): Promise<CommitInfo> {
  return parseCommit(checksum, await run(showArgv(checksum), signal === undefined ? {} : { signal }));
}

/** The head of the text, up to the first empty line: `Date:  2026-01-01 00:00:00 +0000`, `Version: 1`. */
export function parseCommit(checksum: string, text: string): CommitInfo {
  const head = text.split('\n\n', 1)[0]!;
  const version = /^Version: (.*)$/m.exec(head)?.[1] ?? null;
  const [, day, time, zone] = /^Date: +(\S+) (\S+) ([+-]\d{4})$/m.exec(head) ?? [];
  const milliseconds = Date.parse(`${day}T${time}${zone?.slice(0, 3)}:${zone?.slice(3)}`);
  return { checksum, version, timestamp: Number.isNaN(milliseconds) ? null : milliseconds / 1000 };
}
