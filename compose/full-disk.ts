// A compose on a full disk ends with one sentence: which folder, how much room there is and, where known, how much the packages take.

import { resolve } from 'node:path';
import { diskFull, isDiskFull } from '../lib/disk-full.ts';
import { ToolError, UserError } from '../lib/errors.ts';
import { inMebibytes } from '../lib/size.ts';

export interface ComposePlaces {
  readonly cacheDir: string;
  readonly repo: string;
}

export const roomHint =
  'make room there (`slipway cache gc` removes what no compose used for long), or give other folders with --cachedir and --repo; nothing was committed';

/**
 * Runs a part of a compose; whatever fails there for want of room, fails as `disk-full`.
 * @param unpackedBytes what the packages take, null where it is not known (yet)
 */
export async function explainFullDisk<T>(
  places: ComposePlaces,
  work: () => Promise<T>,
  unpackedBytes: () => number | null = () => null,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error instanceof UserError && error.code === 'disk-full') || !isDiskFull(error)) throw error;
    const bytes = unpackedBytes();
    const need = bytes === null ? {} : { need: `the packages unpack to about ${inMebibytes(bytes)}` };
    throw await diskFull(concerned(places, error), { ...need, hint: roomHint }, error);
  }
}

/** The folder that the failed call or command works in: it names that one first. All of them where it names none. */
export function concerned({ cacheDir, repo }: ComposePlaces, error: unknown): string[] {
  const folders = [resolve(cacheDir), resolve(repo)];
  const text = placeOf(error);
  const named = folders
    .map((folder) => ({ folder, at: text.indexOf(folder) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at || b.folder.length - a.folder.length);
  return named[0] === undefined ? folders : [named[0].folder];
}

function placeOf(error: unknown): string {
  if (error instanceof ToolError) return error.command;
  if (!(error instanceof Error)) return '';
  return (error as NodeJS.ErrnoException).path ?? (error.cause === undefined ? error.message : placeOf(error.cause));
}
