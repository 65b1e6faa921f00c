// What a commit may hold that a bootable container must not: warnings in the terms of `bootc container lint`, which refuses such images.

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
