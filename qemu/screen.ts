// What a machine's VGA screen shows, as a PNG file.

import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../lib/errors.ts';
import type { Machine } from './machine-run.ts';
import type { Qmp } from './qmp.ts';

/** A QEMU that hangs must not hold up the report about it. */
const failedScreenLimitMs = 10_000;

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

/** The screen of a machine that failed, for its report: the file's name, or null when QEMU can show none any more. */
export async function failedScreen(machine: Machine, folder: string, name: string): Promise<string | null> {
  const limit = new AbortController();
  try {
    const taken = machine.screenshot(join(folder, name)).then(() => name);
    return await Promise.race([taken, sleep(failedScreenLimitMs, null, { signal: limit.signal })]);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  } finally {
    limit.abort();
  }
}
