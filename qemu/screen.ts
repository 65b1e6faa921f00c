// What a machine's VGA screen shows, as a PNG file.

import { resolve } from 'node:path';
import { UserError } from '../lib/errors.ts';
import type { Qmp } from './qmp.ts';

/**
 * Writes the screen as it is now into a file (PNG; `screendump` of QEMU 7.1 and newer).
 * @throws UserError `screenshot` when QEMU cannot write the file
 */
export async function takeScreenshot(qmp: Qmp, file: string): Promise<void> {
  const filename = resolve(file);
  try {
    await qmp.execute('screendump', { filename, format: 'png' });
  } catch (error) {
    throw new UserError('screenshot', `no screenshot in ${file}: ${(error as Error).message}`, { cause: error });
  }
}
