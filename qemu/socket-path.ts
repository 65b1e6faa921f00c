// Paths of sockets in a machine's work folder.

import { join } from 'node:path';
import { UserError } from '../lib/errors.ts';

/** sun_path of unix(7) holds 108 bytes with its end. */
const longestSocketPath = 107;

/** @throws UserError `path-long` when the kernel cannot take the path */
export function socketPath(folder: string, name: string): string {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= longestSocketPath) return path;
  throw new UserError('path-long', `the path ${path} is too long for a socket`, {
    hint: 'set SLIPWAY_CACHE to a shorter path',
  });
}
