// Detached metadata of a commit: what is said about it later, above all signatures. OSTree keeps it beside the commit object.

import { readIfPresent, writeFileAtomically } from '../../lib/files.ts';
import { objectPath } from '../../lib/ostree-objects.ts';

/** The `a{sv}`, or undefined when there is none. */
export function readDetachedMetadata(repo: string, checksum: string): Promise<Buffer | undefined> {
  return readIfPresent(objectPath(repo, checksum, 'commitmeta'));
}

export async function writeDetachedMetadata(repo: string, checksum: string, metadata: Uint8Array): Promise<void> {
  await writeFileAtomically(objectPath(repo, checksum, 'commitmeta'), metadata);
}
