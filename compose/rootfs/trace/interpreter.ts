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
    return textUntil(start, 2, '\n').trim().split(/[ \t]/)[0] || null;
  }
  if (start.toString('latin1', 0, 4) !== elfMagic || start[4] !== 2 || start[5] !== 1) return null; // 64 bit, little endian
  const table = Number(start.readBigUInt64LE(32));
  const [size, count] = [start.readUInt16LE(54), start.readUInt16LE(56)];
  for (let at = table; at < table + size * count && at + size <= start.length; at += size) {
    if (start.readUInt32LE(at) !== interpreterSegment) continue;
    const offset = Number(start.readBigUInt64LE(at + 8));
    return textUntil(start, offset, '\0') || null;
  }
  return null;
}

/** Whatever is behind it need not be text, and to decode that takes longer than all else here. */
function textUntil(bytes: Buffer, from: number, end: '\n' | '\0'): string {
  const length = bytes.subarray(from).indexOf(end);
  return bytes.toString('utf8', from, length < 0 ? bytes.length : from + length);
}
