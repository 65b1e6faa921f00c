// Decides which file lies in which layer, from the files alone and without a look at earlier images: the same commit gives the same
// layers, and a commit in which one package changed gives the same layers but for that package's. Pure.

import { sha256 } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { mebibyte } from '../size.ts';
import type { FileOwner } from './owners.ts';
import type { TreeEntry } from './tree.ts';

export interface Layer {
  /** What it holds, in words: `glibc`, `small packages 07`, `initramfs image`. */
  readonly name: string;
  /** Source packages whose files it holds, sorted; empty for files of no package. */
  readonly components: readonly string[];
  /** Files, links and the folders on the way to them, in the order of the tree. */
  readonly entries: readonly TreeEntry[];
}

export const defaultLayerLimit = 64;

/** An overlay of more layers is refused by Docker (127) or leaves no room for layers on top. */
const largestLayerLimit = 120;
const smallestLayerLimit = 8;

/** Smaller packages never get a layer of their own: a layer costs a request and a row in every mount. */
const smallestOwnLayer = mebibyte;

/** Layers for files of no package: they come last, because they change with nearly every commit. */
const generatedLayers = ['initramfs image', 'generated files', 'package database'] as const; // no package name holds a space

/**
 * The layers, lowest first; layers without files are left out. Large packages have one each, the others share a number of layers that
 * depends on `limit` alone, chosen by a hash of the name, so that a package more or less moves no other.
 * @throws UserError `option-invalid` when `limit` is no number of layers between 8 and 120
 */
export function assignLayers(
  entries: readonly TreeEntry[],
  owners: ReadonlyMap<string, FileOwner>,
  limit: number,
): Layer[] {
  const sharedCount = Math.floor(checkedLayerLimit(limit) / 4);
  const componentAt = (entry: TreeEntry): string | null => owners.get(entry.path)?.component ?? null;
  const sizes = new Map<string, number>();
  for (const entry of entries) {
    const component = componentAt(entry);
    if (component !== null) sizes.set(component, (sizes.get(component) ?? 0) + entry.size);
  }
  const large = largeComponents(sizes, limit - sharedCount - generatedLayers.length);

  const layers = new Map<string, { components: Set<string>; indexes: Set<number> }>();
  const indexAt = new Map(entries.map((entry, index) => [entry.path, index]));
  const parents = new Set(entries.map((entry) => parentOf(entry.path)));
  for (const [index, entry] of entries.entries()) {
    // A folder that holds something comes along with what it holds.
    if (entry.type === 'directory' && parents.has(entry.path)) continue;
    const component = componentAt(entry);
    const name =
      component === null
        ? generatedLayer(entry.path)
        : large.has(component)
          ? component
          : sharedLayer(component, sharedCount);
    const layer = layers.get(name) ?? { components: new Set(), indexes: new Set() };
    layers.set(name, layer);
    if (component !== null) layer.components.add(component);
    layer.indexes.add(index);
    for (let path = parentOf(entry.path); path !== ''; path = parentOf(path)) layer.indexes.add(indexAt.get(path)!);
  }
  return [...layers]
    .map(([name, { components, indexes }]) => ({
      name,
      components: [...components].sort(),
      entries: [...indexes].sort((a, b) => a - b).map((index) => entries[index]!),
    }))
    .sort((a, b) => rank(a.name, large) - rank(b.name, large) || (a.name < b.name ? -1 : 1));
}

export function checkedLayerLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= smallestLayerLimit && limit <= largestLayerLimit) return limit;
  throw new UserError('option-invalid', `${limit} cannot be the largest number of layers`, {
    hint: `give a whole number from ${smallestLayerLimit} to ${largestLayerLimit}`,
  });
}

// By order of magnitude, then by name: a package must double to take the place of another.
function largeComponents(sizes: ReadonlyMap<string, number>, count: number): ReadonlySet<string> {
  const magnitude = (size: number): number => Math.floor(Math.log2(size));
  const candidates = [...sizes].filter(([, size]) => size >= smallestOwnLayer);
  candidates.sort(([a, sizeA], [b, sizeB]) => magnitude(sizeB) - magnitude(sizeA) || (a < b ? -1 : 1));
  return new Set(candidates.slice(0, count).map(([component]) => component));
}

function sharedLayer(component: string, count: number): string {
  const number = Number.parseInt(sha256(component).slice(0, 8), 16) % count;
  return `small packages ${String(number).padStart(2, '0')}`;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function generatedLayer(path: string): (typeof generatedLayers)[number] {
  if (/^usr\/lib\/modules\/[^/]+\/initramfs\.img$/.test(path)) return 'initramfs image';
  return /^usr\/(share|lib\/sysimage)\/rpm\/./.test(path) ? 'package database' : 'generated files';
}

function rank(name: string, large: ReadonlySet<string>): number {
  const generated = (generatedLayers as readonly string[]).indexOf(name);
  return large.has(name) ? 0 : generated < 0 ? 1 : 2 + generated;
}
