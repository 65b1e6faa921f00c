// What a commit may hold that a container image must not: errors where the image would be another tree, and for bootable ones warnings in the
// terms of `bootc container lint`, which refuses such images.

import { UserError } from '../../lib/errors.ts';
import type { TreeEntry } from './tree.ts';

/** One sentence for each broken rule. */
export function brokenContainerRules(entries: readonly Pick<TreeEntry, 'path' | 'type'>[]): string[] {
  const paths = new Set(entries.map((entry) => entry.path));
  const inside = (folder: string): string | undefined =>
    entries.find((entry) => entry.path.startsWith(`${folder}/`) && entry.type !== 'directory')?.path;
  const rules: readonly (readonly [broken: string | undefined, sentence: (path: string) => string])[] = [
    [inside('boot'), (path) => `/boot must be empty and holds ${path}; bootc takes the kernel from /usr/lib/modules`],
    [inside('run'), (path) => `/run must be empty and holds ${path}; it is hidden on a booted host`],
    [inside('tmp'), (path) => `/tmp must be empty and holds ${path}; it is hidden on a booted host`],
    [inside('var'), (path) => `/var should be empty and holds ${path}; updates never reach it, so use tmpfiles.d`],
    [
      ['sysroot', 'ostree'].find((name) => !paths.has(name)),
      (name) => `/${name} is missing; an OSTree host needs it as a mount point or link`,
    ],
  ];
  return rules.flatMap(([broken, sentence]) => (broken === undefined ? [] : [sentence(broken)]));
}

/**
 * Names that begin with `.wh.` remove files of lower layers instead of being files (OCI image specification, layer.md, "Whiteouts").
 * @throws UserError `container-whiteout`
 */
export function refuseWhiteouts(entries: readonly Pick<TreeEntry, 'path'>[]): void {
  const found = entries.find(({ path }) => /(^|\/)\.wh\./.test(path));
  if (found === undefined) return;
  throw new UserError('container-whiteout', `no container image can hold /${found.path}`, {
    hint: 'in layers, names that begin with .wh. stand for removed files: rename it, or leave it out with remove-from-packages',
  });
}
