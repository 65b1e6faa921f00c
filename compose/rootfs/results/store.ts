// Results of scriptlets on disk, beside the package cache: a document for each, and the files that they wrote by digest. Everything is checked
// when it is used, so that nothing needs a flush and a damaged or missing file only means that the scriptlet runs again.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentHeader, sha256 } from '../../../lib/documents.ts';
import { temporaryNameBeside } from '../../../lib/files.ts';
import type { Change } from './changes.ts';
import type { Observations } from './observe.ts';

export interface ScriptletResult extends DocumentHeader {
  readonly kind: 'scriptlet-result';
  readonly version: 1;
  /** What it depended on. */
  readonly seen: Observations;
  readonly changes: readonly Change[];
  /** Its output. */
  readonly said: string;
}

export interface ResultStore {
  /** Those of a scriptlet, the one that was used last first. */
  find(id: string): { readonly result: ScriptletResult; readonly contents: () => ReadonlyMap<string, Buffer> | null }[];
  add(id: string, result: ScriptletResult, contents: ReadonlyMap<string, Buffer>): void;
}

/** Of one scriptlet: more are of trees that nobody composes any more. */
const mostResults = 4;

/** @param folder made when something is added */
export function resultStore(folder: string): ResultStore {
  const files = join(folder, 'files');
  return {
    find(id) {
      return newestFirst(join(folder, id)).flatMap((path) => {
        const result = readResult(path);
        if (result === null) return [];
        const contents = (): ReadonlyMap<string, Buffer> | null => {
          const now = new Date();
          utimesSync(path, now, now); // for `slipway cache gc`
          return readContents(files, result.changes);
        };
        return [{ result, contents }];
      });
    },
    add(id, result, contents) {
      for (const [digest, content] of contents) write(files, digest, content);
      const text = JSON.stringify(result);
      write(join(folder, id), `${sha256(text).slice(0, 16)}.json`, text);
      for (const old of newestFirst(join(folder, id)).slice(mostResults)) rmSync(old, { force: true });
    },
  };
}

/** Digests of the files that the changes write. */
export function digestsIn(changes: readonly Change[]): string[] {
  return [...new Set(changes.flatMap(({ entry }) => (entry.type === 'file' ? [entry.digest] : [])))];
}

function readResult(path: string): ScriptletResult | null {
  try {
    const result = JSON.parse(readFileSync(path, 'utf8')) as ScriptletResult;
    return result.kind === 'scriptlet-result' && result.version === 1 ? result : null;
  } catch {
    return null;
  }
}

function readContents(files: string, changes: readonly Change[]): Map<string, Buffer> | null {
  const contents = new Map<string, Buffer>();
  try {
    for (const digest of digestsIn(changes)) {
      const content = readFileSync(join(files, digest));
      if (sha256(content) !== digest) return null;
      contents.set(digest, content);
    }
    return contents;
  } catch {
    return null;
  }
}

function newestFirst(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name))
      .map((path) => ({ path, usedMs: statSync(path).mtimeMs }))
      .sort((a, b) => b.usedMs - a.usedMs)
      .map(({ path }) => path);
  } catch {
    return []; // none yet, or removed by another compose
  }
}

function write(folder: string, name: string, content: string | Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const temporary = temporaryNameBeside(path);
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
