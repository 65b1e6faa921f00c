// Results on disk, beside the package cache: a document for each. Everything is checked when it is used, so that nothing needs a flush and a
// damaged or missing file only means that the program runs again.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentHeader, sha256 } from '../../../lib/documents.ts';
import { temporaryNameBeside } from '../../../lib/files.ts';
import type { Observations } from './observe.ts';

export interface ResultDocument extends DocumentHeader {
  readonly version: 1;
  /** What the program depended on. */
  readonly seen: Observations;
}

export interface KnownResult<Result> {
  readonly result: Result;
  /** For `slipway cache gc`. */
  markUsed(): void;
}

export interface ResultStore<Result extends ResultDocument> {
  /** Those of a program, the one that was used last first. */
  find(id: string): KnownResult<Result>[];
  add(id: string, result: Result): void;
}

/** Of one program: more are of trees that nobody composes any more. */
const mostResults = 4;

/** @param folder made when something is added */
export function resultStore<Result extends ResultDocument>(folder: string, kind: Result['kind']): ResultStore<Result> {
  const read = (path: string): KnownResult<Result>[] => {
    try {
      const result = JSON.parse(readFileSync(path, 'utf8')) as Result;
      if (result.kind !== kind || result.version !== 1) return [];
      const markUsed = (): void => {
        const now = new Date();
        try {
          utimesSync(path, now, now);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // another compose has newer ones
        }
      };
      return [{ result, markUsed }];
    } catch {
      return [];
    }
  };
  return {
    find: (id) => newestFirst(join(folder, id)).flatMap(read),
    add(id, result) {
      const text = JSON.stringify(result);
      writeStored(join(folder, id), `${sha256(text).slice(0, 16)}.json`, text);
      for (const old of newestFirst(join(folder, id)).slice(mostResults)) rmSync(old, { force: true });
    },
  };
}

/** The file is there as a whole or not at all. */
export function writeStored(folder: string, name: string, content: string | Uint8Array): void {
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
