// Remembers which files had which digest, so that a warm compose does not read every package again. A verdict holds for exactly one inode with
// its size, modification and change time, under whichever of its names; the change time cannot be set back by a program.

import { readFile, stat } from 'node:fs/promises';
import { writeFileAtomically } from '../../lib/files.ts';
import { hashFile } from './digest.ts';
import type { Checksum } from './repomd.ts';

interface Verdict {
  /** `size:mtime-ns:ctime-ns` */
  readonly identity: string;
  /** `type:hex` */
  readonly digest: string;
}

export interface FileVerdicts {
  /** The file's digest of that type, from memory when the file is surely unchanged. Rejects with the system's error. */
  digest(path: string, type: Checksum['type'], signal: AbortSignal): Promise<{ value: string; size: number }>;
  /** Keeps new verdicts for later runs. */
  save(): Promise<void>;
}

const formatVersion = 2;

/** An unreadable or foreign file counts as empty: verdicts can always be found again. */
export async function openFileVerdicts(path: string): Promise<FileVerdicts> {
  const known = await readVerdicts(path);
  const fresh = new Map<string, Verdict>();
  return {
    async digest(file, type, signal) {
      const before = await identify(file);
      const verdict = fresh.get(before.inode) ?? known.get(before.inode);
      if (verdict?.identity === before.identity && verdict.digest.startsWith(`${type}:`)) {
        return { value: verdict.digest.slice(type.length + 1), size: before.size };
      }
      const value = await hashFile(file, type, signal);
      // A file that changes while it is read gets no verdict.
      const after = await identify(file);
      if (after.inode === before.inode && after.identity === before.identity) {
        fresh.set(before.inode, { identity: before.identity, digest: `${type}:${value}` });
      }
      return { value, size: before.size };
    },
    async save() {
      if (fresh.size === 0) return;
      // Another compose may have saved meanwhile; at worst some verdicts of one of the two are found again.
      const verdicts = { ...Object.fromEntries(await readVerdicts(path)), ...Object.fromEntries(fresh) };
      await writeFileAtomically(path, JSON.stringify({ version: formatVersion, verdicts }));
    },
  };
}

async function readVerdicts(path: string): Promise<Map<string, Verdict>> {
  try {
    const parsed = JSON.parse(await readFile(path, 'utf8')) as { version: number; verdicts: Record<string, Verdict> };
    return parsed.version === formatVersion ? new Map(Object.entries(parsed.verdicts)) : new Map();
  } catch {
    return new Map();
  }
}

/** The inode as `device:number`. */
async function identify(path: string): Promise<{ inode: string; identity: string; size: number }> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return { inode: `${dev}:${ino}`, identity: [size, mtimeNs, ctimeNs].join(':'), size: Number(size) };
}
