// What a console that ended badly gives away about the cause, where the last words alone do not name it. Pure.

import type { ConsoleFinding } from './console-checks.ts';

/** @param lines of the boot that failed @param finding the fatal one, if any @param stuckOn unit that the boot waits for, or null */
export function bootAdvice(
  lines: readonly string[],
  finding: ConsoleFinding | undefined,
  stuckOn: string | null,
): string | null {
  if (finding?.code === 'switch-root-failed' && lines.some(isCommandLineWithoutOstree)) {
    return 'the kernel argument ostree= is missing, so the initramfs looks for a system outside of the deployments';
  }
  if (stuckOn === null || !stuckOn.endsWith('.device')) return null;
  if (!lines.some((line) => /^\[ *\d+\.\d+\] Linux version /.test(line))) return null; // a quiet console names no disks
  const disk = lines.map((line) => diskLine.exec(line)?.groups?.disk).find((name) => name !== undefined);
  return disk === undefined
    ? "the kernel found no disk: its driver's module (virtio_blk, nvme, sd_mod) is missing in the initramfs"
    : `the kernel has the disk ${disk}, on which nothing has that name: look at root= of the kernel command line`;
}

// `virtio_blk virtio1: [vda] 8388608 512-byte logical blocks`, `sd 2:0:0:0: [sda] Attached SCSI disk`, `nvme0n1: p1 p2`.
const diskLine = /(?:(?:virtio_blk|sd) \S+: \[|\b(?=nvme\d+n\d+: ))(?<disk>\w+)/;

function isCommandLineWithoutOstree(line: string): boolean {
  return /^\[ *\d+\.\d+\] (Kernel command|Command) line: /.test(line) && !/ ostree=/.test(line);
}

/** A device unit with the path that it stands for (systemd.unit(5), "String Escaping for Inclusion in Unit Names"); others as they are. */
export function describeUnitName(unit: string): string {
  const name = /^(.+)\.device$/.exec(unit)?.[1];
  if (name === undefined) return unit;
  const path = name
    .replaceAll('-', '/')
    .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return `/${path} (${unit})`;
}
