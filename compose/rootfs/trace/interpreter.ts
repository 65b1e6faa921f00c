// Which program the kernel opens by itself to start another one: no system call of the program tells of it. execve(2), elf(5).

const scriptStart = '#!';
const elfMagic = '\x7fELF';
const interpreterSegment = 3; // PT_INTERP

/**
 * @param start the first 4 KiB of an executable file
 * @returns the path of its interpreter or dynamic loader, or null when the kernel needs none
 */
export function interpreterOf(start: Buffer): string | null {
  if (start.toString('latin1', 0, 2) === scriptStart) {
    const line = start.toString('utf8', 2).split('\n')[0] ?? '';
    return line.trim().split(/[ \t]/)[0] || null;
  }
  if (start.toString('latin1', 0, 4) !== elfMagic || start[4] !== 2 || start[5] !== 1) return null; // 64 bit, little endian
  const table = Number(start.readBigUInt64LE(32));
  const [size, count] = [start.readUInt16LE(54), start.readUInt16LE(56)];
  for (let at = table; at < table + size * count && at + size <= start.length; at += size) {
    if (start.readUInt32LE(at) !== interpreterSegment) continue;
    const offset = Number(start.readBigUInt64LE(at + 8));
    return start.toString('utf8', offset).split('\0')[0] || null;
  }
  return null;
}
