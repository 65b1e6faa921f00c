// Detached metadata: what is said about a commit or a summary later, above all signatures. OSTree keeps it in a file beside the object.

import { UserError } from '../../lib/errors.ts';
import { readIfPresent, writeFileAtomically } from '../../lib/files.ts';
import { dictionaryOf, readVariant, sortedEntries, type Variant, writeVariant } from '../../lib/gvariant.ts';
import { objectPath } from '../../lib/ostree-objects.ts';

export type DetachedMetadata = ReadonlyMap<string, Variant>;

/** Type of every key that holds signatures. */
const signaturesType = 'aay';

/** That of a commit, empty when there is none. @throws UserError `metadata-damaged` */
export function readDetachedMetadata(repo: string, checksum: string): Promise<DetachedMetadata> {
  return readMetadataFile(objectPath(repo, checksum, 'commitmeta'));
}

/** Says more of a commit, as `mergeMetadata()` does. @throws UserError `metadata-damaged` */
export function addDetachedMetadata(repo: string, checksum: string, added: DetachedMetadata): Promise<void> {
  return addToMetadataFile(objectPath(repo, checksum, 'commitmeta'), added);
}

/** The same for a file by its path, e.g. `summary.sig`. */
export async function addToMetadataFile(path: string, added: DetachedMetadata): Promise<void> {
  if (added.size === 0) return;
  const merged = mergeMetadata(await readMetadataFile(path), added);
  await writeFileAtomically(path, writeVariant('a{sv}', sortedEntries(merged)));
}

/** The content of such a file, or null when it is damaged. */
export function parseMetadata(bytes: Uint8Array): DetachedMetadata | null {
  try {
    return dictionaryOf(readVariant('a{sv}', bytes));
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

/** Signatures of one kind; what is not of their type are none. */
export function signaturesIn(metadata: DetachedMetadata, key: string): readonly Uint8Array[] {
  const found = metadata.get(key);
  return found?.type === signaturesType ? (found.value as readonly Uint8Array[]) : [];
}

/** The signatures of both, each once; of anything else what `added` says. */
export function mergeMetadata(metadata: DetachedMetadata, added: DetachedMetadata): DetachedMetadata {
  const merged = new Map([...metadata, ...added]);
  for (const [key, { type }] of metadata) {
    if (type !== signaturesType) continue;
    const known = signaturesIn(metadata, key);
    const isKnown = (signature: Uint8Array): boolean => known.some((each) => Buffer.compare(each, signature) === 0);
    const fresh = signaturesIn(added, key).filter((signature) => !isKnown(signature));
    merged.set(key, { type, value: [...known, ...fresh] });
  }
  return merged;
}

async function readMetadataFile(path: string): Promise<DetachedMetadata> {
  const bytes = await readIfPresent(path);
  const metadata = bytes === undefined ? new Map<string, Variant>() : parseMetadata(bytes);
  if (metadata !== null) return metadata;
  throw new UserError('metadata-damaged', `${path} is damaged: it is no metadata as OSTree writes it`, {
    hint: 'remove it, and sign anew what it was to vouch for',
  });
}
