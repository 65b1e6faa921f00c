// Keeps what packages bring below /opt: it moves to /usr/lib/opt, where updates reach it, and is seen in /opt through links that systemd
// makes at boot, or as a whole where /opt is an overlay.

import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { entryInTree, inTree, makeFolderInTree } from '../../../lib/in-tree.ts';
import type { EngineContext } from '../../context.ts';
import type { Treefile } from '../../treefile/treefile.ts';
import { moveContent } from './move-content.ts';

const home = 'usr/lib/opt';
const units = 'usr/lib/systemd/system';
const overlayUnit = 'ostree-state-overlay@.service';

/**
 * Must run before /opt becomes a link.
 * @returns tmpfiles.d(5) lines
 * @throws UserError `no-state-overlay`
 */
export async function moveOpt(
  root: string,
  optUsrlocal: Treefile['optUsrlocal'],
  context: EngineContext,
): Promise<string[]> {
  switch (optUsrlocal) {
    case 'root':
      return [];
    case 'var': {
      const names = await moveContent(root, 'opt', home, context);
      return names.map((name) => `L ${join('/var/opt', name)} - - - - ../../${join(home, name)}`);
    }
    case 'state-overlay':
      await moveContent(root, 'opt', home, context);
      makeFolderInTree(root, home);
      makeFolderInTree(root, 'usr/local');
      enableOverlays(root);
      return [];
  }
}

function enableOverlays(root: string): void {
  if (!existsSync(inTree(root, `${units}/${overlayUnit}`))) {
    throw new UserError('no-state-overlay', `opt-usrlocal is state-overlay, but no package brings ${overlayUnit}`, {
      hint: 'it comes with ostree 2024.1 and newer; or set opt-usrlocal: var',
    });
  }
  const folder = `${units}/local-fs.target.requires`;
  makeFolderInTree(root, folder);
  for (const path of ['usr-lib-opt', 'usr-local']) {
    symlinkSync(`../${overlayUnit}`, entryInTree(root, `${folder}/${overlayUnit.replace('@', `@${path}`)}`));
  }
}
