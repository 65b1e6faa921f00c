// A tree is no machine: its machine-id(5) is empty, and systemd fills it in at first boot; without machineid-compat there is none at all,
// and systemd treats the first boot as such.

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { entryInTree, inTree } from '../../../lib/in-tree.ts';

export function resetMachineId(root: string, keepEmptyFile: boolean): void {
  const path = entryInTree(root, 'etc/machine-id');
  rmSync(path, { force: true });
  if (keepEmptyFile && existsSync(inTree(root, 'etc'))) writeFileSync(path, '', { mode: 0o444 });
}
