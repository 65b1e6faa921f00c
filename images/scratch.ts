// A folder for the sysroot: in memory where there is plenty, which spares a slow disk 400 MiB and vanishes with the namespace even when
// everything is killed; else on disk. Inside our own user namespace a tmpfs also takes every extended attribute.

import { mkdir, readFile, rm } from 'node:fs/promises';
import { Cancelled } from '../lib/errors.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';
import { mebibyte } from './size.ts';

export interface Scratch {
  readonly folder: string;
  readonly isInMemory: boolean;
  /** Removes the folder with its content; may be called again. */
  dispose(): Promise<void>;
}

/** Makes `folder`, which must not exist, with room for a commit of `commitBytes`. */
export async function makeScratch(folder: string, commitBytes: number, tools: WorkerTools): Promise<Scratch> {
  await mkdir(folder);
  const size = memoryFor(commitBytes, await availableMemory());
  const isInMemory = size !== null && (await mountMemory(folder, size, tools));
  const remove = async (): Promise<void> => {
    if (isInMemory) await run(['umount', '--lazy', folder]);
    await rm(folder, { recursive: true, force: true });
  };
  let removal: Promise<void> | undefined;
  const dispose = (): Promise<void> => {
    removal ??= remove();
    return removal;
  };
  return { folder, isInMemory, dispose };
}

/**
 * Bytes for a file system in memory, or null when the sysroot would take more than half of what is available. The size is a limit
 * and twice what is expected; only what is written is taken.
 */
export function memoryFor(commitBytes: number, availableBytes: number): number | null {
  const expected = commitBytes * 1.25 + 128 * mebibyte;
  return expected * 2 <= availableBytes ? Math.ceil(expected * 2) : null;
}

/** Available bytes by the kernel's estimate, and no more than the control group may still take. */
async function availableMemory(): Promise<number> {
  const meminfo = await readFile('/proc/meminfo', 'utf8');
  const available = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024;
  const group = async (name: string): Promise<number> =>
    Number(await readFile(`/sys/fs/cgroup/memory.${name}`, 'utf8').catch(() => 'max'));
  const [limit, used] = [await group('max'), await group('current')];
  return Number.isFinite(limit) && Number.isFinite(used) ? Math.min(available, limit - used) : available;
}

async function mountMemory(folder: string, size: number, { events, signal }: WorkerTools): Promise<boolean> {
  try {
    const options = `size=${size},nr_inodes=0,mode=0755`;
    await run(['mount', '-t', 'tmpfs', '-o', options, 'slipway-images', folder], { events, signal });
    return true;
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    return false; // a kernel or sandbox that forbids it: the disk does as well
  }
}
