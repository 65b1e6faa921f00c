// The commit that the ref of a compose names now: what it was made from, and with which packages.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lib/run.ts';
import type { EngineContext } from './context.ts';
import type { PackageIdentity } from './diff.ts';
import { stringsInVariant } from './variant.ts';

export interface PreviousCommit {
  readonly checksum: string;
  /** Null for a commit that is not ours. */
  readonly inputId: string | null;
  readonly version: string | null;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** Empty when the commit does not say. */
  readonly packages: readonly PackageIdentity[];
}

/** Null when the repository or the ref does not exist. */
export async function readPreviousCommit(
  repo: string,
  ref: string,
  context: EngineContext,
): Promise<PreviousCommit | null> {
  const checksum = await readFile(join(repo, 'refs', 'heads', ref), 'utf8').catch(() => null);
  if (checksum === null) return null;
  const { stdout } = await run(['ostree', `--repo=${repo}`, 'show', '--raw', checksum.trim()], context.runOptions);
  return { checksum: checksum.trim(), ...readCommitMetadata(stdout) };
}

/** @param raw the commit as `ostree show --raw` prints it: a GVariant in text form */
export function readCommitMetadata(raw: string): Omit<PreviousCommit, 'checksum'> {
  const valueText = (key: string): string | null => {
    const start = raw.indexOf(`'${key}': <`);
    return start < 0 ? null : raw.slice(start + key.length + 5);
  };
  const stringOf = (key: string): string | null => {
    const value = valueText(key);
    return value === null ? null : (stringsInVariant(value.slice(0, value.indexOf('>')))[0] ?? null);
  };
  const list = valueText('rpmostree.rpmdb.pkglist');
  return {
    inputId: stringOf('slipway.input-id'),
    version: stringOf('version'),
    timestamp: Number([...raw.matchAll(/, uint64 (\d+), \[byte/g)].at(-1)?.[1] ?? 0),
    packages: list === null ? [] : readPackageList(list.slice(0, list.indexOf(']>'))),
  };
}

function readPackageList(text: string): PackageIdentity[] {
  const fields = stringsInVariant(text);
  return Array.from({ length: Math.floor(fields.length / 5) }, (_, index) => {
    const [name = '', epoch = '', version = '', release = '', arch = ''] = fields.slice(index * 5, index * 5 + 5);
    return { name, epoch: Number(epoch), version, release, arch };
  });
}
