// Entries of trees that exist in tests only.

import type { TreeEntry } from '../../../../../compose/rootfs/results/entry.ts';

const root = { uid: 0, gid: 0, attributes: [] };

export const directory = { type: 'directory', mode: 0o755, ...root } as const satisfies TreeEntry;

export function file(digest: string): TreeEntry & { type: 'file' } {
  return { type: 'file', digest, mode: 0o644, ...root };
}

export function link(target: string): TreeEntry & { type: 'link' } {
  return { type: 'link', target, mode: 0o777, ...root };
}
