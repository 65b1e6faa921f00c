// The tree that programs work in, as data: the checkout, and what was changed in the overlay over it.

import type { EnginePackage } from '../../packages/package.ts';
import type { PlannedLayer } from '../../plan.ts';
import type { OverlayFolders } from '../overlay.ts';
import { type LowerTree, lowerTree, packagedDigests } from './lower-tree.ts';
import { type UpperLayer, upperReader } from './upper-layer.ts';

export interface OverlayTree {
  readonly lower: LowerTree;
  /** What has been changed until now. */
  readUpper(): UpperLayer;
  /** Where the tree is on disk, absolute. */
  readonly merged: string;
}

export function overlayTree(
  { lower, upper, merged }: OverlayFolders,
  packages: readonly EnginePackage[],
  layers: readonly PlannedLayer[],
): OverlayTree {
  // A layer may bring another file to the place of a packaged one.
  const digests = layers.length === 0 ? packagedDigests(packages) : new Map<string, string>();
  return { lower: lowerTree(lower, digests), readUpper: upperReader(upper), merged };
}
