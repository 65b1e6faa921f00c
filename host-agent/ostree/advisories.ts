// The security advisories that an update fixes, from the commit objects of the system repository: `ostree show` prints them for people only.

import { join } from 'node:path';
import { type Advised, type Advisory, advisoriesIn, fixedAdvisories } from '../../lib/advisories.ts';
import { readIfPresent } from '../../lib/files.ts';
import { dictionaryOf, readVariant, type Variant, type VariantValue } from '../../lib/gvariant.ts';

/**
 * What the newest commit fixes of the booted one, the worst first. Commits that cannot be read have none: what is wrong with words for people
 * must not keep a host from its update.
 * @param repo path of the repository
 */
export async function readFixedAdvisories(repo: string, booted: string, newest: string): Promise<Advisory[]> {
  try {
    const [before, after] = await Promise.all([readAdvised(repo, booted), readAdvised(repo, newest)]);
    return fixedAdvisories(before, after);
  } catch {
    return [];
  }
}

async function readAdvised(repo: string, checksum: string): Promise<Advised> {
  const object = join(repo, 'objects', checksum.slice(0, 2), checksum.slice(2));
  const [commit, detached] = await Promise.all([
    readIfPresent(`${object}.commit`),
    readIfPresent(`${object}.commitmeta`),
  ]);
  const metadata = commit === undefined ? noMetadata : metadataOf(commit);
  const beside = detached === undefined ? noMetadata : dictionaryOf(readVariant('a{sv}', detached));
  const inline = advisoriesIn(metadata);
  return {
    advisories: inline.length > 0 ? inline : advisoriesIn(beside),
    packages: packagesIn(metadata.get('rpmostree.rpmdb.pkglist')),
  };
}

const noMetadata: ReadonlyMap<string, Variant> = new Map();

function metadataOf(commit: Uint8Array): ReadonlyMap<string, Variant> {
  const [metadata] = readVariant('(a{sv}aya(say)sstayay)', commit) as readonly VariantValue[]; // ostree-core.h
  return dictionaryOf(metadata!);
}

function packagesIn(list: Variant | undefined): string[] {
  if (list?.type !== 'a(sssss)') return [];
  return (list.value as readonly (readonly string[])[]).map(([name, epoch, version, release, arch]) => {
    return `${name}-${epoch === '0' ? '' : `${epoch}:`}${version}-${release}.${arch}`;
  });
}
