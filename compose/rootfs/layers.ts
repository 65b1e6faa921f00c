// Lays commits of the target repository over the packages: ostree-layers, which must not touch a packaged file, and
// ostree-override-layers, which may. A layer is shaped like a host (/usr/etc) or like an ordinary root (/etc).

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError, UserError } from '../../lib/errors.ts';
import { inTree, leadsOut } from '../../lib/in-tree.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import type { PackageCache } from '../packages/cache.ts';
import type { PlannedLayer } from '../plan.ts';
import { listTree, type TreeEntry } from '../repository/tree-listing.ts';

/** Copies the layers' objects into the cache, so that they can be checked out as hard links. */
export async function importLayers(
  layers: readonly PlannedLayer[],
  repo: string,
  cache: PackageCache,
  context: EngineContext,
): Promise<void> {
  for (const { checksum } of layers) {
    await run(['ostree', `--repo=${cache.repo}`, 'pull-local', repo, checksum], context.runOptions);
  }
}

/**
 * Checks the layers out into the tree, in their order; those that may not replace files come first.
 * @param folder a work folder beside the tree
 * @throws UserError `layer-conflict`, `path-through-link`
 */
export async function checkOutLayers(
  layers: readonly PlannedLayer[],
  tree: string,
  cache: PackageCache,
  folder: string,
  context: EngineContext,
): Promise<void> {
  const skipped = join(folder, 'layer.skip');
  await writeFile(skipped, '/usr/etc/\n'); // a folder is one only with the final slash
  for (const layer of layers) {
    const entries = await listTree(cache.repo, layer.checksum, context);
    checkFolders(layer, entries, tree);
    const checkOut = (argv: readonly string[]): Promise<unknown> => run(argv, context.runOptions);
    try {
      await checkOut(layerArgv(cache.repo, layer, [`--skip-list=${skipped}`], tree));
      if (entries.has('/usr/etc')) {
        await checkOut(layerArgv(cache.repo, layer, ['--subpath=/usr/etc'], inTree(tree, 'etc')));
      }
    } catch (error) {
      if (error instanceof ToolError && /File exists/.test(error.output)) throw conflict(layer, error);
      throw error;
    }
  }
}

export function layerArgv(repo: string, layer: PlannedLayer, options: readonly string[], target: string): string[] {
  const union = layer.override ? '--union' : '--union-identical';
  return [
    ...['ostree', `--repo=${repo}`, 'checkout', union, '--require-hardlinks', '--fsync=0', ...options],
    ...[layer.checksum, target],
  ];
}

// ostree follows the tree's links to folders, on the build machine.
function checkFolders(layer: PlannedLayer, entries: ReadonlyMap<string, TreeEntry>, tree: string): void {
  for (const { type, path } of entries.values()) {
    if (type !== 'directory' || !leadsOut(tree, path.replace(/^\/usr\/etc(?=\/|$)/, '/etc'))) continue;
    throw new UserError(
      'path-through-link',
      `the layer ${layer.ref} brings the folder ${path}, which the tree has as a link that leads out of it`,
      { hint: 'mend the package or layer with the link: it must be relative and stay below /' },
    );
  }
}

function conflict(layer: PlannedLayer, error: ToolError): UserError {
  const name = /Hardlinking \S+ to (.*): File exists/.exec(error.output)?.[1];
  return new UserError(
    'layer-conflict',
    `the layer ${layer.ref} and the packages both bring a file ${name ?? ''} with different content`,
    { hint: 'layers of ostree-override-layers may replace files; those of ostree-layers may not', cause: error },
  );
}
