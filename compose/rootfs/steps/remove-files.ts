// Removes what the treefile does not want: named paths (remove-files), and files of packages by pattern (remove-from-packages).

import { lstatSync, rmSync } from 'node:fs';
import { UserError } from '../../../lib/errors.ts';
import type { Events } from '../../../lib/events.ts';
import { entryInTree } from '../../../lib/in-tree.ts';
import { isDirectory } from '../../../lib/rpm/files.ts';
import type { EnginePackage } from '../../packages/package.ts';
import { treePath } from '../../packages/paths.ts';
import type { Treefile } from '../../treefile/treefile.ts';
import { editedPath } from './paths.ts';

/** Removes files and whole folders; a path that is not there is a warning. */
export function removeFiles(root: string, paths: readonly string[], events: Events): void {
  for (const path of paths) {
    const place = editedPath(root, path);
    if (lstatSync(place, { throwIfNoEntry: false }) === undefined) {
      events.warning(`remove-files names /${path}, which is not in the tree`);
    }
    rmSync(place, { recursive: true, force: true });
  }
}

/**
 * Removes the packages' files whose absolute path matches one of the patterns (regular expressions) from start to end.
 * @throws UserError `package-not-found` when the package is not in the tree
 */
export function removeFromPackages(
  root: string,
  requests: Treefile['removeFromPackages'],
  packages: readonly EnginePackage[],
): void {
  for (const request of requests) {
    const owners = packages.filter((each) => each.name === request.package);
    if (owners.length === 0) {
      throw new UserError(
        'package-not-found',
        `remove-from-packages names ${request.package}, which is not in the tree`,
      );
    }
    const patterns = request.patterns.map((pattern) => new RegExp(`^(?:${pattern})$`));
    const files = owners.flatMap((owner) => owner.files);
    for (const file of files) {
      if (isDirectory(file) || !patterns.some((pattern) => pattern.test(file.path))) continue;
      rmSync(entryInTree(root, treePath(file.path)), { force: true });
    }
  }
}
