// GRUB's environment block as data (GRUB manual, "The GRUB environment block"): 1024 bytes, a signature line, NAME=VALUE lines, '#' to the end.
// Variables are kept within the first 512 bytes, so that one sector holds all that ever changes and a write of it is atomic.

import { UserError } from '../../lib/errors.ts';

export type BootEnvironment = ReadonlyMap<string, string>;

export const environmentBlockSize = 1024;
export const sectorSize = 512;

const signature = '# GRUB Environment Block\n';

/**
 * Reads a block of 1024 bytes.
 * @throws UserError `boot-environment-damaged` when it does not begin with GRUB's signature.
 */
export function parseEnvironmentBlock(block: Uint8Array): BootEnvironment {
  // latin1 keeps every byte as it is, whatever the values' encoding.
  const text = Buffer.from(block).toString('latin1');
  if (block.length !== environmentBlockSize || !text.startsWith(signature)) {
    throw new UserError('boot-environment-damaged', "the boot loader's environment block is damaged", {
      hint: 'write it again with `grub-editenv FILE create`',
    });
  }
  const variables = new Map<string, string>();
  // In values a backslash stands before a backslash or a line end.
  for (const [, name, value] of text.slice(signature.length).matchAll(/^([^#=\n][^=\n]*)=((?:\\[\s\S]|[^\\\n])*)$/gm)) {
    variables.set(name!, value!.replace(/\\([\s\S])/g, '$1'));
  }
  return variables;
}

/**
 * The block for these variables, in the order of the map.
 * @throws UserError `boot-environment-full` when they do not fit into one sector.
 */
export function formatEnvironmentBlock(variables: BootEnvironment): Buffer {
  const lines = [...variables].map(([name, value]) => `${name}=${value.replace(/[\\\n]/g, '\\$&')}\n`);
  const text = signature + lines.join('');
  if (text.length > sectorSize) {
    throw new UserError(
      'boot-environment-full',
      `the boot loader's environment would need ${text.length} bytes of ${sectorSize}`,
    );
  }
  return Buffer.from(text.padEnd(environmentBlockSize, '#'), 'latin1');
}

/** Offset in bytes of the block within the first part of a partition: the signature at the beginning of a sector. Undefined when absent. */
export function findEnvironmentBlock(start: Uint8Array): number | undefined {
  const wanted = Buffer.from(signature, 'latin1');
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  for (let offset = 0; offset + environmentBlockSize <= bytes.length; offset += sectorSize) {
    if (bytes.subarray(offset, offset + wanted.length).equals(wanted)) return offset;
  }
  return undefined;
}
