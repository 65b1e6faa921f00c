// The commits that ostree-layers and ostree-override-layers name, looked up in the target repository before anything is made.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../lib/errors.ts';
import type { PlannedLayer } from './plan.ts';
import type { Treefile } from './treefile/treefile.ts';

/** @throws UserError `layer-not-found` */
export async function resolveLayers(
  { ostreeLayers, ostreeOverrideLayers }: Pick<Treefile, 'ostreeLayers' | 'ostreeOverrideLayers'>,
  repo: string,
): Promise<PlannedLayer[]> {
  const wanted = [
    ...ostreeLayers.map((ref) => ({ ref, override: false })),
    ...ostreeOverrideLayers.map((ref) => ({ ref, override: true })),
  ];
  return Promise.all(wanted.map(async (layer) => ({ ...layer, checksum: await commitOf(layer.ref, repo) })));
}

async function commitOf(ref: string, repo: string): Promise<string> {
  try {
    return (await readFile(join(repo, 'refs', 'heads', ref), 'utf8')).trim();
  } catch (cause) {
    throw new UserError('layer-not-found', `the layer ${ref} is not in the repository ${repo}`, {
      hint: 'commit it there with `ostree commit --branch`, or pull it',
      cause,
    });
  }
}
