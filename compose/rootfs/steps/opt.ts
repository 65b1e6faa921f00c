// Keeps what packages bring below /opt: it moves to /usr/lib/opt, where updates reach it, and is seen in /opt through links that systemd
// makes at boot, or as a whole where /opt is an overlay.

import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { run } from '../../../lib/run.ts';
import type { EngineContext } from '../../context.ts';
import type { Treefile } from '../../treefile/treefile.ts';

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
      const names = await moveContent(root, context);
      return names.map((name) => `L ${join('/var/opt', name)} - - - - ../../${join(home, name)}`);
    }
    case 'state-overlay':
      await moveContent(root, context);
      mkdirSync(join(root, home), { recursive: true });
      mkdirSync(join(root, 'usr/local'), { recursive: true });
      enableOverlays(root);
      return [];
  }
}

/** Names of what was moved. An overlay file system cannot rename folders of its lower layer, so it is a copy. */
async function moveContent(root: string, context: EngineContext): Promise<string[]> {
  const opt = join(root, 'opt');
  if (!lstatSync(opt, { throwIfNoEntry: false })?.isDirectory()) return [];
  const names = readdirSync(opt).sort();
  if (names.length === 0) return [];
  mkdirSync(join(root, home), { recursive: true });
  const paths = names.map((name) => join(opt, name));
  await run(['cp', '--archive', '--', ...paths, join(root, home)], context.runOptions);
  await run(['rm', '--recursive', '--', ...paths], context.runOptions);
  return names;
}

function enableOverlays(root: string): void {
  if (!existsSync(join(root, units, overlayUnit))) {
    throw new UserError('no-state-overlay', `opt-usrlocal is state-overlay, but no package brings ${overlayUnit}`, {
      hint: 'it comes with ostree 2024.1 and newer; or set opt-usrlocal: var',
    });
  }
  const folder = join(root, units, 'local-fs.target.requires');
  mkdirSync(folder, { recursive: true });
  for (const path of ['usr-lib-opt', 'usr-local']) {
    symlinkSync(`../${overlayUnit}`, join(folder, overlayUnit.replace('@', `@${path}`)));
  }
}
