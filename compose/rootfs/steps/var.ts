// Declares /var and /run, which belong to the host: directories and links there become tmpfiles.d(5) lines, so that every boot makes what is
// missing; then /var is empty (top-level.ts empties /run).
// Owners are numbers, because the names of the build machine mean nothing.

import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryInTree, inTree, makeFolderInTree } from '../../../lib/in-tree.ts';

const packagedFragments = 'usr/lib/tmpfiles.d';
const fragment = 'slipway-var.conf';
/** systemd takes the first of lines for one path, and reads fragments by name: these lines are before those of packages. */
const linksFragment = '00-slipway-links.conf';

const ofMachine = ['/var', '/run'];

/** What never goes into the fragment: systemd's own files cover it. */
const covered = /^\/var\/(tmp|run|lock)$/;

/**
 * @param extraLines lines for what the tree does not hold itself; they win over what was found under the same path
 * @returns the paths of regular files that were dropped
 */
export function emptyVar(root: string, extraLines: readonly string[]): string[] {
  const found: string[] = [];
  const dropped: string[] = [];
  for (const path of ofMachine) {
    const folder = entryInTree(root, path);
    // A link may lead to a folder of the build machine, whose names are nobody's business.
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) collect(folder, path, found, dropped);
  }
  const taken = declaredPaths(root);
  const wanted = [...extraLines, ...found].filter((line) => {
    const path = line.split(' ')[1] ?? '';
    if (taken.has(path) || covered.test(path)) return false;
    taken.add(path);
    return true;
  });
  makeFolderInTree(root, packagedFragments);
  if (wanted.length > 0)
    writeFileSync(inTree(root, `${packagedFragments}/${fragment}`), `${wanted.sort().join('\n')}\n`);
  const emptied = entryInTree(root, 'var');
  rmSync(emptied, { recursive: true, force: true });
  mkdirSync(emptied, { mode: 0o755 });
  return dropped;
}

/**
 * Says that a folder of the top level is a link, where fragments of packages ask for a folder there: systemd-tmpfiles would complain at every
 * boot, and in a first boot not find what they want below it. The packages' own files stay as rpm knows them.
 * @param linkLines tmpfiles.d(5) lines of links, by their path, the folders that they lead to first
 */
export function declareLinks(root: string, linkLines: Readonly<Record<string, readonly string[]>>): void {
  const declared = declaredPaths(root);
  const lines = Object.entries(linkLines).flatMap(([path, own]) => (declared.has(path) ? own : []));
  if (lines.length > 0) writeFileSync(inTree(root, `${packagedFragments}/${linksFragment}`), `${lines.join('\n')}\n`);
}

/** @param shown the folder's path on the host */
function collect(folder: string, shown: string, lines: string[], dropped: string[]): void {
  for (const name of namesIn(folder)) {
    const place = join(folder, name);
    const path = `${shown}/${name}`;
    const stats = lstatSync(place);
    if (stats.isDirectory()) {
      const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
      lines.push(`d ${escaped(path)} ${mode} ${stats.uid} ${stats.gid} - -`);
      collect(place, path, lines, dropped);
    } else if (stats.isSymbolicLink()) {
      lines.push(`L ${escaped(path)} - - - - ${readlinkSync(place).replaceAll('%', '%%')}`);
    } else dropped.push(path);
  }
}

/** Paths that the packages' own fragments already make. */
function declaredPaths(root: string): Set<string> {
  const paths = new Set<string>();
  for (const folder of [packagedFragments, 'etc/tmpfiles.d']) {
    for (const name of namesIn(inTree(root, folder))) {
      if (!name.endsWith('.conf') || name === fragment) continue;
      for (const line of readFileSync(inTree(root, `${folder}/${name}`), 'utf8').split('\n')) {
        const [type = '', path] = line.trim().split(/\s+/);
        if (path !== undefined && /^[dDqQvLfC]/.test(type)) paths.add(path);
      }
    }
  }
  return paths;
}

// tmpfiles.d fields: white space and specifiers must be escaped.
function escaped(path: string): string {
  return path
    .replaceAll('%', '%%')
    .replaceAll(/[\s"'\\]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
