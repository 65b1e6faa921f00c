// Gives the root of the tree the shape of an OSTree host: what belongs to the machine lies in /var or /run behind links, and the mount
// points are empty directories.

import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { entryInTree } from '../../../lib/in-tree.ts';

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

/** For each link, by its path, the tmpfiles.d(5) lines of the folder that it leads to and of the link itself. */
export function topLevelLinkLines(options: TopLevelOptions): Record<string, string[]> {
  const folders = topLevelTmpfiles(options);
  return Object.fromEntries(
    Object.entries({ ...links, ...optLinks[options.optUsrlocal] }).map(([path, target]) => {
      const folder = folders.filter((line) => line.startsWith(`d /${target.replace(/^(\.\.\/)+/, '')} `));
      return [`/${path}`, [...folder, `L /${path} - - - - ${target}`]];
    }),
  );
}

/** @returns the files and empty folders that were in the way, e.g. below /srv, and are dropped */
export function arrangeTopLevel(root: string, options: TopLevelOptions): string[] {
  const replaced = { ...links, ...optLinks[options.optUsrlocal] };
  const dropped: string[] = [];
  for (const [path, target] of Object.entries(replaced)) {
    const place = entryInTree(root, path);
    dropped.push(...contentOf(place, `/${path}`));
    rmSync(place, { recursive: true, force: true });
    symlinkSync(target, place);
  }
  for (const path of emptyDirectories) {
    const place = entryInTree(root, path);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
  }
  const tmp = entryInTree(root, 'tmp');
  rmSync(tmp, { recursive: true, force: true });
  if (!options.tmpIsDir) symlinkSync('sysroot/tmp', tmp);
  else {
    mkdirSync(tmp);
    chmodSync(tmp, 0o1777);
  }
  return dropped;
}

function contentOf(place: string, shown: string): string[] {
  const stats = lstatSync(place, { throwIfNoEntry: false });
  if (stats === undefined || stats.isSymbolicLink()) return [];
  if (!stats.isDirectory()) return [shown];
  return readdirSync(place)
    .sort()
    .flatMap((name) => {
      const below = contentOf(join(place, name), `${shown}/${name}`);
      return below.length === 0 && isDirectory(join(place, name)) ? [`${shown}/${name}/`] : below;
    });
}

function isDirectory(place: string): boolean {
  return lstatSync(place).isDirectory();
}
