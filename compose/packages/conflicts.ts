// Two packages must not bring different files under one path. Found from headers alone, before anything is unpacked, so that the error
// names both packages; the checkout's own refusal stays as the second line of defence.

import { UserError } from '../../lib/errors.ts';
import { isDirectory, type RpmFileEntry } from '../../lib/rpm/files.ts';
import type { FolderLinks } from './folder-links.ts';
import type { EnginePackage } from './package.ts';
import { treePath } from './paths.ts';
import { type FileFilter, isWanted } from './wanted.ts';

/**
 * Files that nobody wants do not count: the checkout leaves them out.
 * @param links of the same packages
 * @returns the paths of files that are not wanted and differ, as the imported packages have them: ostree could not check them out
 * @throws UserError `file-conflict` with every pair of packages that disagree, and one path for each.
 */
export function checkFileConflicts(
  packages: readonly EnginePackage[],
  links: FolderLinks,
  filter: FileFilter,
): ReadonlySet<string> {
  const conflicts = new Map<string, { path: string; count: number }>();
  const skipped = new Set<string>();
  for (const [path, claims] of disagreements(packages, links)) {
    if (claims.every(({ file }) => !isDirectory(file) && !isWanted(file, filter))) {
      for (const { file } of claims) skipped.add(treePath(file.path));
      continue;
    }
    const [first, ...others] = claims as [Claim, ...Claim[]];
    for (const { file, owner } of others) {
      if (agree(first.file, file)) continue;
      const pair = `${first.owner.nevra} and ${owner.nevra}`;
      const known = conflicts.get(pair);
      if (known === undefined) conflicts.set(pair, { path, count: 1 });
      else known.count++;
    }
  }
  if (conflicts.size === 0) return skipped;
  const sentences = [...conflicts].map(
    ([pair, { path, count }]) =>
      `${pair} both bring ${path}, with different content${count > 1 ? ` (and ${count - 1} more paths)` : ''}`,
  );
  throw new UserError('file-conflict', sentences.join('\n'), {
    hint: 'exclude one of the packages with exclude-packages',
  });
}

interface Claim {
  readonly file: RpmFileEntry;
  readonly owner: EnginePackage;
}

/** Path in the tree -> all packages' files there, where they are not all alike. */
function disagreements(packages: readonly EnginePackage[], links: FolderLinks): Map<string, readonly Claim[]> {
  const firsts = new Map<string, Claim>();
  const shared = new Map<string, Claim[]>();
  for (const owner of packages) {
    for (const file of owner.files) {
      const path = links.landing(treePath(file.path));
      const first = firsts.get(path);
      if (first === undefined) firsts.set(path, { file, owner });
      else {
        const claims = shared.get(path);
        if (claims === undefined) shared.set(path, [first, { file, owner }]);
        else claims.push({ file, owner });
      }
    }
  }
  return new Map([...shared].filter(([, [first, ...others]]) => others.some(({ file }) => !agree(first!.file, file))));
}

// Directories are shared freely, as in rpm. Owner and mode of a directory come from the package installed last.
function agree(a: RpmFileEntry, b: RpmFileEntry): boolean {
  if (isDirectory(a) && isDirectory(b)) return true;
  return (
    a.mode === b.mode &&
    a.linkTarget === b.linkTarget &&
    a.digest === b.digest &&
    a.user === b.user &&
    a.group === b.group
  );
}
