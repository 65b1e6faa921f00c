// Signatures of files for the kernel's IMA: what packages bring of them becomes the attribute `security.ima` in the commit. A user namespace
// may not set it on disk, so the signed files are committed a second time, over the tree, from an archive that names it (compare labels.ts).

import { createHash } from 'node:crypto';
import { createReadStream, lstatSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../lib/errors.ts';
import { entriesInTree } from '../lib/in-tree.ts';
import { type SignedFile, signedFiles } from '../lib/rpm/file-signatures.ts';
import type { EngineContext } from './context.ts';
import type { PackageFile } from './packages/package.ts';
import { shippedPath } from './packages/paths.ts';
import { isBare } from './repository/mode.ts';
import { writeTreeArchive } from './tree-archive.ts';

const attribute = 'security.ima';

/**
 * Writes the archive of those files of the finished tree that have a signature and are still as their packages bring them.
 * @param folder an existing folder for it
 * @param nameOf as `writeTreeArchive()` takes it
 * @returns its path, or null when there is no such file
 */
export async function archiveSignedFiles(
  tree: string,
  packages: readonly PackageFile[],
  folder: string,
  nameOf: (path: string) => string,
  context: EngineContext,
): Promise<string | null> {
  const found = await findSignedFiles(tree, packages);
  if (found.changed > 0) {
    context.events.info(
      `${found.changed} signed files are not as packaged, and are committed without their signatures`,
    );
  }
  if (found.files.size === 0) {
    context.events.warning('ima is true, but no file of the tree has a signature in its package');
    return null;
  }
  const archive = join(folder, 'signed.tar');
  const added = new Map([...found.files].map(([path, signature]) => [path, new Map([[attribute, signature]])]));
  await writeTreeArchive(archive, tree, found.files.keys(), { added, nameOf });
  return archive;
}

/**
 * @param repo an existing repository
 * @throws UserError `signatures-impossible`
 */
export async function assertSignaturesPossible(repo: string): Promise<void> {
  if (!isBare(repo)) return;
  throw new UserError(
    'signatures-impossible',
    `ima is true, but ${repo} is of mode bare, where a compose may not set signatures of files`,
    { hint: 'use a repository of mode bare-user or archive, or set ima: false for a commit without signatures' },
  );
}

interface FoundFiles {
  /** Signature by path in the tree, relative and without links on the way. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** How many have another content than their package says. */
  readonly changed: number;
}

async function findSignedFiles(tree: string, packages: readonly PackageFile[]): Promise<FoundFiles> {
  const entryOf = entriesInTree(tree);
  const files = new Map<string, Buffer>();
  let changed = 0;
  for (const { path } of packages) {
    for (const file of await signedFiles(path)) {
      const shipped = shippedPath(file.path);
      const place = shipped === null ? null : entryOf(shipped);
      if (place === null || lstatSync(place, { throwIfNoEntry: false })?.isFile() !== true) continue;
      if (await isAsPackaged(place, file)) files.set(relative(tree, place), file.signature);
      else changed++;
    }
  }
  return { files, changed };
}

async function isAsPackaged(place: string, { size, digest, digestAlgorithm }: SignedFile): Promise<boolean> {
  if (lstatSync(place).size !== size) return false;
  const hash = createHash(digestAlgorithm);
  await pipeline(createReadStream(place), hash);
  return hash.digest('hex') === digest;
}
