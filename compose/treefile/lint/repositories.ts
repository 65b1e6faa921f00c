// Repositories that are named but defined in no `.repo` file beside the treefiles.

import { readFile } from 'node:fs/promises';
import { nearestNames } from '../../../lib/near-miss.ts';
import { listRepoFiles } from '../companion-files.ts';
import type { FlatTreefile } from '../flatten.ts';
import { lockfileRepos, repoPackages, repos } from '../keys/packages.ts';
import type { Traced } from '../layer.ts';
import { didYouMean, type Problems } from '../problems.ts';

export async function lintRepositories(flat: FlatTreefile, problems: Problems): Promise<void> {
  const defined = new Set<string>();
  for (const file of await listRepoFiles(flat)) {
    for (const [, id] of (await readFile(file, 'utf8')).matchAll(/^\s*\[([^\]]+)\]/gm)) defined.add(id!);
  }
  const check = ({ span }: Traced<unknown>, id: string): void => {
    if (defined.has(id)) return;
    const hint = didYouMean(nearestNames(id, defined)) ?? 'put a .repo file beside the treefile';
    problems.warning(
      'unknown-repository',
      `no .repo file beside the treefiles defines the repository ${id}`,
      span,
      hint,
    );
  };
  for (const key of [repos, lockfileRepos]) {
    for (const traced of flat.values.list(key) ?? []) check(traced, traced.value);
  }
  for (const traced of flat.values.list(repoPackages) ?? []) check(traced, traced.value.repo);
}
