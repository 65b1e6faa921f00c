// Writes the version of the commit into os-release(5), where mutate-os-release asks for it: the base version in VERSION and PRETTY_NAME
// becomes the commit's, and OSTREE_VERSION holds it.

import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { UserError } from '../../../lib/errors.ts';
import { inTree } from '../../../lib/in-tree.ts';

const mutatedKeys = ['VERSION', 'PRETTY_NAME'];

/** @throws UserError `os-release-missing` */
export function mutateOsRelease(root: string, baseVersion: string, version: string): void {
  const path = ['usr/lib/os-release', 'etc/os-release']
    .map((name) => inTree(root, name))
    .find((name) => lstatSync(name, { throwIfNoEntry: false })?.isFile());
  if (path === undefined) {
    throw new UserError('os-release-missing', 'mutate-os-release is set, but no package brings /usr/lib/os-release');
  }
  writeFileSync(path, mutatedOsRelease(readFileSync(path, 'utf8'), baseVersion, version));
}

export function mutatedOsRelease(text: string, baseVersion: string, version: string): string {
  const lines = text
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('OSTREE_VERSION='))
    .map((line) => {
      const key = line.slice(0, line.indexOf('='));
      return mutatedKeys.includes(key) ? line.replace(baseVersion, () => version) : line;
    });
  return `${[...lines, `OSTREE_VERSION='${version}'`].join('\n')}\n`;
}
