// The folder that this program was started from, and what is there only in a git checkout: tests and the sample distribution.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../lib/errors.ts';

/** Absolute path of the folder with `package.json`. */
export const installedFolder = fileURLToPath(new URL('..', import.meta.url));

/**
 * Absolute path of something that an installed Slipway does not have.
 * @throws UserError `no-checkout`
 */
export function checkoutPath(path: string, what: string): string {
  const absolute = join(installedFolder, path);
  if (existsSync(absolute)) return absolute;
  throw new UserError('no-checkout', `${what} are not part of an installed Slipway`, {
    hint: 'clone the project and run ./slipway there',
  });
}
