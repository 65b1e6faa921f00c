// Writes the layers of an image into its layout, several beside each other; those that are there from an earlier build are used again.

import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { StepHandle } from '../../lib/events.ts';
import { layerDiffId, writeLayer } from './blobs.ts';
import type { NamedLayer } from './documents.ts';
import { layerTar } from './layer-tar.ts';
import type { Layer } from './layers.ts';
import type { FileOwner } from './owners.ts';
import { layersIn } from './reuse.ts';
import type { ContainerTree } from './tree.ts';

export interface LayerSource {
  readonly tree: ContainerTree;
  readonly owners: ReadonlyMap<string, FileOwner>;
  readonly layers: readonly Layer[];
}

/** The layers in their order. `step` hears of progress and of how many were re-used. */
export async function makeLayers(
  { tree, owners, layers }: LayerSource,
  layout: string,
  step: StepHandle,
  signal: AbortSignal,
): Promise<NamedLayer[]> {
  const known = await layersIn(layout);
  const made: NamedLayer[] = [];
  const queue = [...layers.entries()];
  let [done, reused] = [0, 0];
  const archive = await open(tree.archive);
  const makeOne = async (layer: Layer): Promise<NamedLayer> => {
    const diffId = await layerDiffId(layerTar(layer, owners, archive), signal);
    const present = known.get(diffId);
    if (present !== undefined) reused++;
    const blob = present ?? (await writeLayer(layout, layerTar(layer, owners, archive), signal));
    step.progress(++done, layers.length, 'items');
    return { name: layer.name, components: layer.components, diffId, ...blob };
  };
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) made[next[0]] = await makeOne(next[1]);
  };
  try {
    // All end before the archive is closed, also when one fails.
    const outcomes = await Promise.allSettled(Array.from({ length: availableParallelism() }, work));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  } finally {
    await archive.close();
  }
  step.detail(`${layers.length} layers, ${reused} of them as before`);
  if (reused === layers.length) step.reused();
  return made;
}
