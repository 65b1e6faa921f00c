// Keeps state of packages that would be lost with /var: it moves to /usr/lib, where updates reach it, and is seen in its old place through a
// link that systemd makes at boot.

import type { EngineContext } from '../../context.ts';
import { moveContent } from './move-content.ts';

const names = ['alternatives', 'vagrant'];

/** @returns tmpfiles.d(5) lines */
export async function moveStateFolders(root: string, context: EngineContext): Promise<string[]> {
  const lines: string[] = [];
  for (const name of names) {
    const moved = await moveContent(root, `var/lib/${name}`, `usr/lib/${name}`, context);
    if (moved.length > 0) lines.push(`L /var/lib/${name} - - - - ../../usr/lib/${name}`);
  }
  return lines;
}
