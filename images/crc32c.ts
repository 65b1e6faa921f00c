// CRC-32C (Castagnoli, RFC 3720 appendix B.4) as ext4 uses it: the caller gives the start value, the result is not inverted.

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1;
  return value >>> 0;
});

export function crc32c(data: Uint8Array, start: number): number {
  let value = start;
  for (const byte of data) value = table[(value ^ byte) & 0xff]! ^ (value >>> 8);
  return value >>> 0;
}
