// Gives the root of the tree the shape of an OSTree host: what belongs to the machine lies in /var or /run behind links, and the mount
// points are empty directories.

import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface TopLevelOptions {
  /** `/tmp` as a real directory (for tmp.mount), else a link into the physical root. */
  readonly tmpIsDir: boolean;
  /** Where /opt and /usr/local live: behind links in /var, in the tree, or in the tree with an overlay that keeps changes. */
  readonly optUsrlocal: 'var' | 'root' | 'state-overlay';
}

const links: Readonly<Record<string, string>> = {
  home: 'var/home',
  root: 'var/roothome',
  srv: 'var/srv',
  mnt: 'var/mnt',
  media: 'run/media',
  ostree: 'sysroot/ostree',
};
const optLinks: Readonly<Record<TopLevelOptions['optUsrlocal'], Readonly<Record<string, string>>>> = {
  var: { opt: 'var/opt', 'usr/local': '../var/usrlocal' },
  root: {},
  'state-overlay': { opt: 'usr/lib/opt' },
};
const emptyDirectories = ['boot', 'dev', 'proc', 'run', 'sys', 'sysroot'];

/** The tmpfiles.d(5) lines for what the links point to. */
export function topLevelTmpfiles(options: TopLevelOptions): string[] {
  const lines = [
    'd /var/home 0755 0 0 - -',
    'd /var/roothome 0700 0 0 - -',
    'd /var/srv 0755 0 0 - -',
    'd /var/mnt 0755 0 0 - -',
    'd /run/media 0755 0 0 - -',
  ];
  return options.optUsrlocal === 'var' ? [...lines, 'd /var/opt 0755 0 0 - -', 'd /var/usrlocal 0755 0 0 - -'] : lines;
}

/** @returns the regular files that were in the way, e.g. below /opt, and are dropped */
export function arrangeTopLevel(root: string, options: TopLevelOptions): string[] {
  const replaced = { ...links, ...optLinks[options.optUsrlocal] };
  const dropped: string[] = [];
  for (const [path, target] of Object.entries(replaced)) {
    dropped.push(...filesBelow(root, `/${path}`));
    rmSync(join(root, path), { recursive: true, force: true });
    symlinkSync(target, join(root, path));
  }
  for (const path of emptyDirectories) {
    rmSync(join(root, path), { recursive: true, force: true });
    mkdirSync(join(root, path));
  }
  rmSync(join(root, 'tmp'), { recursive: true, force: true });
  if (!options.tmpIsDir) symlinkSync('sysroot/tmp', join(root, 'tmp'));
  else {
    mkdirSync(join(root, 'tmp'));
    chmodSync(join(root, 'tmp'), 0o1777);
  }
  return dropped;
}

function filesBelow(root: string, path: string): string[] {
  const stats = lstatSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined || stats.isSymbolicLink()) return [];
  if (!stats.isDirectory()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesBelow(root, `${path}/${name}`));
}
