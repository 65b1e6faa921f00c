// Sizes as sentences about room say them.

export const mebibyte = 1024 * 1024;

/** The size in whole MiB, rounded up: `413 MiB`. */
export function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / mebibyte)} MiB`;
}
