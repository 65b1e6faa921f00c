// What scriptlets said, a file for each in the order in which they ran: kept in the cache folder under the id of the compose's inputs, which
// the commit names as well.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptletRun } from './triggers.ts';

/** Where all of them are for a user, below the cache folder. */
export function scriptletOutputParent(userId: number): string {
  return join('scriptlet-output', `uid-${userId}`);
}

/** Makes the folder of one compose. @param userId as the world outside of the namespace numbers it */
export async function scriptletOutputFolder(cacheDir: string, userId: number, inputId: string): Promise<string> {
  const folder = join(cacheDir, scriptletOutputParent(userId), inputId);
  await mkdir(folder, { recursive: true });
  return folder;
}

export interface ScriptletOutputs {
  /** Path of the file for the next scriptlet: `NUMBER-KIND-NEVRA.log`. */
  nextFile(due: Pick<ScriptletRun, 'package' | 'scriptlet'>): string;
}

export function scriptletOutputs(folder: string): ScriptletOutputs {
  let count = 0;
  return {
    nextFile({ package: { nevra }, scriptlet: { kind } }) {
      count++;
      const name = `${String(count).padStart(3, '0')}-${kind.replace('%', '')}-${nevra}.log`;
      return join(folder, name.replaceAll('/', '_')); // no version has one, but a crafted package might
    },
  };
}
