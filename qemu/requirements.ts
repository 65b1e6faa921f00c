// What a machine needs of this host, checked before anything is made: a QEMU that is new enough, and memory.

import { readFile } from 'node:fs/promises';
import { UserError } from '../lib/errors.ts';
import { run } from '../lib/run.ts';
import { toolFor } from '../lib/tools.ts';

/** 7.0 lets a disk's back end be changed while the guest runs (qom-set of `drive`), 7.1 writes screenshots as PNG. */
const oldestQemu = { major: 7, minor: 1 };

const program = 'qemu-system-x86_64';
/** A program is not replaced while we run; its start costs a tenth of a second. Keyed by PATH, which says which program it is. */
const knownVersions = new Map<string, string>();

/** First line of `qemu-system-x86_64 --version`. @throws UserError `tool-missing` */
export async function qemuVersion(signal: AbortSignal): Promise<string> {
  const path = process.env.PATH ?? '';
  const known = knownVersions.get(path);
  if (known !== undefined) return known;
  const { stdout } = await run([program, '--version'], { signal });
  const version = stdout.split('\n')[0]!;
  knownVersions.set(path, version);
  return version;
}

/** @throws UserError `tool-missing`, `qemu-old` */
export async function requireQemu(signal: AbortSignal): Promise<void> {
  const line = await qemuVersion(signal);
  const found = /version (\d+)\.(\d+)\S*/.exec(line);
  // A build that names its version otherwise is somebody's own: it is taken at its word.
  if (found === null) return;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major > oldestQemu.major || (major === oldestQemu.major && minor >= oldestQemu.minor)) return;
  const tool = toolFor(program)!;
  throw new UserError(
    'qemu-old',
    `QEMU ${major}.${minor} is too old: machines need ${oldestQemu.major}.${oldestQemu.minor} or newer`,
    {
      hint: `use a newer release of the distribution, whose package is ${tool.debian} (Debian) or ${tool.fedora} (Fedora)`,
    },
  );
}

/** @throws UserError `memory-short` */
export async function requireMemory(neededMiB: number): Promise<void> {
  checkMemory(neededMiB, await readFile('/proc/meminfo', 'utf8'), process.constrainedMemory());
}

/**
 * @param meminfo text of /proc/meminfo (proc(5)); what is available and free swap are there for the machine
 * @param limitBytes of the control group; 0 or an enormous number when there is none
 * @throws UserError `memory-short`
 */
export function checkMemory(neededMiB: number, meminfo: string, limitBytes: number): void {
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0);
  const hostMiB = Math.floor((kilobytes('MemAvailable') + kilobytes('SwapFree')) / 1024);
  const limitMiB = limitBytes === 0 ? hostMiB : Math.floor(limitBytes / 1024 / 1024);
  const haveMiB = Math.min(hostMiB, limitMiB);
  if (neededMiB <= haveMiB) return;
  throw new UserError(
    'memory-short',
    `the machine needs ${neededMiB} MiB of memory, and ${haveMiB} MiB are free here`,
    {
      hint: 'give it less with --memory, or end other programs',
    },
  );
}
