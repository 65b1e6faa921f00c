// Faults that a running machine lives through: each begins with one call and ends with another.

import { UserError } from '../../lib/errors.ts';
import { diskNodeName, diskPath, type MachineDisk } from '../argv/disks.ts';
import { netdevId } from '../argv/network.ts';
import type { GuestResult } from '../guest-command.ts';
import type { Qmp } from '../qmp.ts';
import { type ImpairedCard, impairCard } from './impaired-card.ts';
import { seededRandom } from './random.ts';

type RunInGuest = (argv: readonly string[]) => Promise<GuestResult>;

/** `card`: index of the network card; 0 is the one that ssh uses. */
export interface NetworkFaults {
  /** Pulls the cable. ssh is silent until it is mended. */
  cut(card?: number): Promise<void>;
  /** Each frame takes so much longer, in both directions. */
  delay(delayMs: number, card?: number): Promise<void>;
  /** Loses this share of the frames (0 to 1), in both directions; the seed decides which. */
  lose(share: number, seed: string, card?: number): Promise<void>;
  /** Ends what cut(), delay() and lose() began. */
  mend(card?: number): Promise<void>;
}

/** `disk`: index of a disk; 0 is the one that is booted. */
export interface DiskFaults {
  /** Limits the disk from now on. */
  slow(limit: { bytesPerSecond?: number; operationsPerSecond?: number }, disk?: number): Promise<void>;
  /** Every such operation fails with an I/O error from now on. */
  fail(operation: 'read' | 'write' | 'flush', disk?: number): Promise<void>;
  /** Ends what slow() and fail() began. */
  heal(disk?: number): Promise<void>;
  /** Takes all free space of the file system that holds the folder. */
  fill(folder: string): Promise<void>;
  /** Gives back what fill() took. */
  free(folder: string): Promise<void>;
}

export interface OtherFaults {
  /** Moves the guest's clock by seconds, forwards or (negative) backwards. */
  jumpTime(seconds: number): Promise<void>;
  /** Leaves the guest this much memory; the rest is taken by the balloon (hardware `balloon`, guest driver virtio_balloon). */
  leaveMemory(memoryMiB: number): Promise<void>;
  /** Overwrites 16 bytes of a file at a place that the seed chooses, also on a file system mounted read-only. Seen for sure at the next boot. */
  corruptFile(path: string, seed: string): Promise<CorruptPlace>;
}

export interface CorruptPlace {
  readonly offset: number;
  readonly bytes: readonly number[];
}

export interface LiveFaults extends OtherFaults {
  readonly network: NetworkFaults;
  readonly disk: DiskFaults;
}

const fillName = '.slipway-fill';
const corruptBytes = 16;

export interface FaultyMachine {
  readonly qmp: Qmp;
  readonly disks: readonly Pick<MachineDisk, 'bus'>[];
  /** Work folder, for sockets. */
  readonly folder: string;
}

/** The faults of a running machine; some work through programs in the guest. */
export function liveFaults({ qmp, disks, folder }: FaultyMachine, runInGuest: RunInGuest): LiveFaults {
  const execute = async (commands: readonly QmpCommand[]): Promise<void> => {
    for (const { execute: name, arguments: values } of commands) await qmp.execute(name, values);
  };
  const cards = new Map<number, ImpairedCard>();
  const impaired = async (card: number): Promise<ImpairedCard> => {
    const found = cards.get(card) ?? (await impairCard(qmp, card, folder));
    cards.set(card, found);
    return found;
  };
  const failing = new Set<number>();
  const pathOf = (disk: number): string => {
    const found = disks[disk];
    if (found !== undefined) return diskPath(disk, found.bus);
    throw new UserError('disk-unknown', `the machine has no disk ${disk}: it has ${disks.length}, counted from 0`);
  };
  return {
    network: {
      cut: (card = 0) => execute([linkCommand(card, false)]),
      delay: async (delayMs, card = 0) => (await impaired(card)).delay(delayMs),
      lose: async (share, seed, card = 0) => (await impaired(card)).lose(share, seed),
      mend: async (card = 0) => {
        await execute([linkCommand(card, true)]);
        await cards.get(card)?.remove();
        cards.delete(card);
      },
    },
    disk: {
      slow: ({ bytesPerSecond = 0, operationsPerSecond = 0 }, disk = 0) =>
        execute([throttleCommand(pathOf(disk), bytesPerSecond, operationsPerSecond)]),
      fail: async (operation, disk = 0) => {
        const path = pathOf(disk);
        if (failing.has(disk)) await execute(healCommands(path, disk));
        await execute(failCommands(path, disk, operation));
        failing.add(disk);
      },
      heal: async (disk = 0) => {
        const path = pathOf(disk);
        await execute([throttleCommand(path, 0, 0), ...(failing.delete(disk) ? healCommands(path, disk) : [])]);
      },
      fill: async (folder) => {
        const { stdout } = await runInGuest(['stat', '--file-system', '--format=%f %S', folder]);
        const [blocks, blockSize] = stdout.trim().split(' ').map(Number);
        await runInGuest(['fallocate', '--length', String(blocks! * blockSize!), `${folder}/${fillName}`]).catch(
          // Its own metadata need some of it: the file that stops short takes the rest.
          () => runInGuest(['sh', '-c', 'cat /dev/zero >>"$1" 2>/dev/null; sync', 'sh', `${folder}/${fillName}`]),
        );
      },
      free: async (folder) => {
        await runInGuest(['rm', '-f', `${folder}/${fillName}`]);
      },
    },
    jumpTime: async (seconds) => {
      const { stdout } = await runInGuest(['date', '+%s']);
      await runInGuest(['date', '--set', `@${Number(stdout) + seconds}`]);
    },
    leaveMemory: (memoryMiB) => execute([balloonCommand(memoryMiB)]),
    corruptFile: async (path, seed) => {
      const { stdout } = await runInGuest(['stat', '--format=%s', path]);
      const place = corruptPlace(Number(stdout), seed);
      await runInGuest(corruptArgv(path, place));
      return place;
    },
  };
}

export interface QmpCommand {
  readonly execute: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export function linkCommand(card: number, up: boolean): QmpCommand {
  return { execute: 'set_link', arguments: { name: netdevId(card), up } };
}

/** 0 is no limit. */
export function throttleCommand(path: string, bytesPerSecond: number, operationsPerSecond: number): QmpCommand {
  const limits = { bps: bytesPerSecond, iops: operationsPerSecond, bps_rd: 0, bps_wr: 0, iops_rd: 0, iops_wr: 0 };
  return { execute: 'block_set_io_throttle', arguments: { id: path, ...limits } };
}

/** Puts a blkdebug node, which fails the operations, between the disk's device and its node. */
export function failCommands(path: string, disk: number, operation: 'read' | 'write' | 'flush'): QmpCommand[] {
  const rule = { event: 'none', iotype: operation, errno: 5, once: false, immediately: true };
  const node = {
    driver: 'blkdebug',
    'node-name': failingNode(disk),
    image: diskNodeName(disk),
    'inject-error': [rule],
  };
  return [{ execute: 'blockdev-add', arguments: node }, driveCommand(path, failingNode(disk))];
}

export function healCommands(path: string, disk: number): QmpCommand[] {
  return [
    driveCommand(path, diskNodeName(disk)),
    { execute: 'blockdev-del', arguments: { 'node-name': failingNode(disk) } },
  ];
}

export function balloonCommand(memoryMiB: number): QmpCommand {
  return { execute: 'balloon', arguments: { value: memoryMiB * 1024 * 1024 } };
}

/** Where and with what a file of `size` bytes is overwritten. */
export function corruptPlace(size: number, seed: string): CorruptPlace {
  const random = seededRandom(seed);
  const length = Math.min(corruptBytes, size);
  const offset = random.below(Math.max(1, size - length + 1));
  return { offset, bytes: Array.from({ length }, () => random.below(256)) };
}

// In a mount namespace of its own the read-only mount that holds the file becomes writable.
const corruptScript = `set -e
mount -o remount,bind,rw "$(findmnt --noheadings --output TARGET --target "$1")"
printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc,fsync status=none`;

/** The command in the guest that overwrites the place. */
export function corruptArgv(path: string, { offset, bytes }: CorruptPlace): string[] {
  const escaped = bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return ['unshare', '--mount', 'sh', '-c', corruptScript, 'sh', path, String(offset), escaped];
}

// The device keeps its id and state; only what is below it changes (qom-set of `drive`, QEMU 7.0 and newer).
function driveCommand(path: string, node: string): QmpCommand {
  return { execute: 'qom-set', arguments: { path, property: 'drive', value: node } };
}

function failingNode(disk: number): string {
  return `failing-node${disk}`;
}
