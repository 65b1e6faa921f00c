// Documents are the readonly data that one step gives to the next. Each has a `kind` and a `version`, is written whole or not at
// all, and is refused when it is of another kind or version.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UserError } from './errors.ts';
import { writeCacheFile, writeFileAtomically } from './files.ts';

/** Fields that every document on disk starts with. */
export interface DocumentHeader {
  readonly kind: string;
  readonly version: number;
}

/**
 * JSON with sorted keys and no white space, as in RFC 8785 for the values used here: equal data gives equal bytes.
 * Undefined members are left out; numbers must be finite.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be written as JSON`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`a ${typeof value} cannot be written as JSON`);
}

/** SHA-256 in lower-case hex of bytes or of a UTF-8 string. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * The id of a step: SHA-256 (hex) of the canonical JSON of its name, options and the ids of its inputs. Equal id means equal
 * result, so it decides re-use and is stored with the result.
 */
export function stepId(name: string, options: unknown, inputIds: readonly string[] = []): string {
  return sha256(canonicalJson({ inputs: inputIds, name, options }));
}

/** Writes a document as indented JSON with a final newline, whole or not at all. */
export async function writeDocument(path: string, document: DocumentHeader): Promise<void> {
  await writeFileAtomically(path, documentText(document));
}

/** The same for a document that can be made again: see writeCacheFile(). */
export async function writeCachedDocument(path: string, document: DocumentHeader): Promise<void> {
  await writeCacheFile(path, documentText(document));
}

function documentText(document: DocumentHeader): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Reads a document and checks its kind and version; the caller's type is trusted from there on.
 * @throws UserError `document-unreadable`, `document-kind` or `document-version`, each naming the file.
 */
export async function readDocument<T extends DocumentHeader>(
  path: string,
  kind: T['kind'],
  version: T['version'],
): Promise<T> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new UserError('document-unreadable', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const header = parsed as Partial<DocumentHeader> | null;
  if (header === null || typeof header !== 'object' || header.kind !== kind) {
    throw new UserError('document-kind', `${path} is not a ${kind} document`);
  }
  if (header.version !== version) {
    throw new UserError(
      'document-version',
      `${path} has version ${header.version}, this Slipway reads version ${version}`,
      {
        hint: 'make it again with this version of Slipway',
      },
    );
  }
  return parsed as T;
}
