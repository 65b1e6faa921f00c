// Folders of commits as a repository of any mode keeps them: names with checksums, read and written without starting a program.

import { existsSync, readFileSync } from 'node:fs';
import { sha256 } from '../../lib/documents.ts';
import { writeFileAtomically } from '../../lib/files.ts';
import { readVariant, type VariantValue, writeVariant } from '../../lib/gvariant.ts';
import { commitType, objectPath } from '../../lib/ostree-objects.ts';

/** A folder with all that is below it. */
export interface Folder {
  /** Checksum of what is in it. */
  readonly dirtree: string;
  /** Checksum of its own owner, mode and attributes. */
  readonly dirmeta: string;
}

/** By name, in the order of the object. */
export interface FolderContent {
  /** Checksums of files and links. */
  readonly files: ReadonlyMap<string, string>;
  readonly folders: ReadonlyMap<string, Folder>;
}

/** Files, then folders with contents and metadata (ostree-core.h). */
const dirtreeType = '(a(say)a(sayay))';

export function readFolder(repo: string, dirtree: string): FolderContent {
  const [files, folders] = readVariant(dirtreeType, readFileSync(objectPath(repo, dirtree, 'dirtree'))) as [
    readonly (readonly [string, Uint8Array])[],
    readonly (readonly [string, Uint8Array, Uint8Array])[],
  ];
  return {
    files: new Map(files.map(([name, checksum]) => [name, hex(checksum)])),
    folders: new Map(
      folders.map(([name, dirtree, dirmeta]) => [name, { dirtree: hex(dirtree), dirmeta: hex(dirmeta) }]),
    ),
  };
}

/** @returns the checksum */
export async function writeFolder(repo: string, content: FolderContent): Promise<string> {
  return writeObject(repo, dirtreeObject(content), 'dirtree');
}

export function dirtreeObject({ files, folders }: FolderContent): Buffer {
  return writeVariant(dirtreeType, [
    [...files].map(([name, checksum]) => [name, bytes(checksum)]),
    [...folders].map(([name, { dirtree, dirmeta }]) => [name, bytes(dirtree), bytes(dirmeta)]),
  ]);
}

export function rootOf(commit: Uint8Array): Folder {
  const fields = readVariant(commitType, commit) as readonly VariantValue[];
  return { dirtree: hex(fields[6] as Uint8Array), dirmeta: hex(fields[7] as Uint8Array) };
}

/** Writes a commit that differs from the given one in its tree; gives its checksum. */
export async function writeCommitOf(repo: string, commit: Uint8Array, root: Folder): Promise<string> {
  const fields = readVariant(commitType, commit) as readonly VariantValue[];
  const changed = [...fields.slice(0, 6), bytes(root.dirtree), bytes(root.dirmeta)];
  return writeObject(repo, writeVariant(commitType, changed), 'commit');
}

async function writeObject(repo: string, object: Buffer, kind: 'commit' | 'dirtree'): Promise<string> {
  const checksum = sha256(object);
  const path = objectPath(repo, checksum, kind);
  if (!existsSync(path)) await writeFileAtomically(path, object);
  return checksum;
}

function hex(checksum: Uint8Array): string {
  return Buffer.from(checksum).toString('hex');
}

function bytes(checksum: string): Uint8Array {
  return Buffer.from(checksum, 'hex');
}
