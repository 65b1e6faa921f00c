// The block in which GRUB and the host agent count boots: GRUB's environment block, one file on a small FAT partition of its own.
// GRUB writes to the file's sectors and nothing ever mounts the partition, so that the block never moves.

export const grubenvFile = 'grubenv';

/** How often a new deployment is tried before the previous one is booted. */
export const bootAttempts = 3;

const signature = '# GRUB Environment Block\n';
const blockSize = 1024;

/**
 * A block with the given variables: the signature, `name=value` lines, `#` up to 1024 bytes (GRUB manual, "The GRUB environment
 * block").
 */
export function grubenvBlock(variables: Readonly<Record<string, string>> = {}): Buffer {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  const block = Buffer.alloc(blockSize, '#');
  const text = signature + lines.join('');
  if (Buffer.byteLength(text) > blockSize) throw new RangeError('the variables do not fit into one environment block');
  block.write(text);
  return block;
}
