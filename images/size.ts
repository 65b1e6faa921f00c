// Sizes as people write and read them.

import { UserError } from '../lib/errors.ts';
import { inMebibytes, mebibyte } from '../lib/size.ts';

export { inMebibytes, mebibyte };

export const gibibyte = 1024 * mebibyte;

const factors: Readonly<Record<string, number>> = { K: 1024, M: mebibyte, G: gibibyte, T: 1024 * gibibyte };

/**
 * Reads `8G`, `8GiB`, `4096M`, `1.5G` or a plain number of bytes; all units are powers of 1024.
 * @throws UserError `size-invalid`
 */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:([KMGT])(?:i?B)?)?$/i.exec(text.trim());
  const bytes = match === null ? Number.NaN : Number(match[1]) * (factors[(match[2] ?? '').toUpperCase()] ?? 1);
  if (!Number.isSafeInteger(Math.round(bytes)) || bytes <= 0) {
    throw new UserError('size-invalid', `"${text}" is not a size`, {
      hint: 'write a number with K, M, G or T, e.g. 8G (powers of 1024)',
    });
  }
  return Math.round(bytes);
}

export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
