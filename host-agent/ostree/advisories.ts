// The security advisories that an update fixes, from the commit objects of the system repository: `ostree show` prints them for people only.

import { type Advised, type Advisory, advisoriesIn, fixedAdvisories } from '../../lib/advisories.ts';
import { readIfPresent } from '../../lib/files.ts';
import { dictionaryOf, readVariant, type Variant, type VariantValue } from '../../lib/gvariant.ts';
import { commitType, objectPath, packagesIn } from '../../lib/ostree-objects.ts';
import { evrOf } from '../../lib/rpm/spec.ts';

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
  const [commit, detached] = await Promise.all([
    readIfPresent(objectPath(repo, checksum, 'commit')),
    readIfPresent(objectPath(repo, checksum, 'commitmeta')),
  ]);
  const metadata = commit === undefined ? noMetadata : metadataOf(commit);
  const beside = detached === undefined ? noMetadata : dictionaryOf(readVariant('a{sv}', detached));
  const inline = advisoriesIn(metadata);
  return {
    advisories: inline.length > 0 ? inline : advisoriesIn(beside),
    packages: packagesIn(metadata).map((each) => `${each.name}-${evrOf(each)}.${each.arch}`),
  };
}

const noMetadata: ReadonlyMap<string, Variant> = new Map();

function metadataOf(commit: Uint8Array): ReadonlyMap<string, Variant> {
  const [metadata] = readVariant(commitType, commit) as readonly VariantValue[];
  return dictionaryOf(metadata!);
}
