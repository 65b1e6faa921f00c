// Two packages must not bring different files under one path. Found from headers alone, before anything is unpacked, so that the error
// names both packages; the checkout's own refusal stays as the second line of defence.

import { UserError } from '../../lib/errors.ts';
import { isDirectory, type RpmFileEntry } from '../../lib/rpm/files.ts';
import type { EnginePackage } from './package.ts';
import { treePath } from './paths.ts';

/** @throws UserError `file-conflict` with every pair of packages that disagree, and one path for each. */
export function checkFileConflicts(packages: readonly EnginePackage[]): void {
  const owners = new Map<string, { file: RpmFileEntry; owner: EnginePackage }>();
  const conflicts = new Map<string, { path: string; count: number }>();
  for (const owner of packages) {
    for (const file of owner.files) {
      const path = treePath(file.path);
      const first = owners.get(path);
      if (first === undefined) owners.set(path, { file, owner });
      else if (!agree(first.file, file)) {
        const pair = `${first.owner.nevra} and ${owner.nevra}`;
        const known = conflicts.get(pair);
        if (known === undefined) conflicts.set(pair, { path, count: 1 });
        else known.count++;
      }
    }
  }
  if (conflicts.size === 0) return;
  const sentences = [...conflicts].map(
    ([pair, { path, count }]) =>
      `${pair} both bring ${path}, with different content${count > 1 ? ` (and ${count - 1} more paths)` : ''}`,
  );
  throw new UserError('file-conflict', sentences.join('\n'), {
    hint: 'exclude one of the packages with exclude-packages',
  });
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
