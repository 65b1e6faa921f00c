// Files of two commits compared, and what of them matters for security: programs that run with more rights than their caller's.

import type { FileType, TreeEntry } from '../repository/tree-listing.ts';
import { capabilityText } from '../rootfs/capabilities.ts';

export interface FileState {
  readonly type: FileType;
  /** Octal, e.g. `0755`. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly target: string | null;
}

export interface FileDifference {
  readonly added: readonly ({ readonly path: string } & FileState)[];
  readonly removed: readonly ({ readonly path: string } & FileState)[];
  readonly changed: readonly {
    readonly path: string;
    readonly before: FileState;
    readonly after: FileState;
    /** What differs: `content` is also the target of a link. */
    readonly aspects: readonly ('type' | 'content' | 'mode' | 'owner' | 'attributes')[];
  }[];
}

/** A program with more rights: what it has before and after, e.g. `setuid 0` or `cap_net_raw=ep`; null where it has none or is not. */
export interface PrivilegeChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

export type Tree = ReadonlyMap<string, TreeEntry>;

/** Sorted by path. Folders count by their own metadata only. */
export function compareFiles(before: Tree, after: Tree): FileDifference {
  const changed = [...after.values()].flatMap((entry) => {
    const old = before.get(entry.path);
    if (old === undefined || (old.checksum === entry.checksum && old.type === entry.type)) return [];
    return [{ path: entry.path, before: stateOf(old), after: stateOf(entry), aspects: aspectsOf(old, entry) }];
  });
  return {
    added: onlyIn(after, before),
    removed: onlyIn(before, after),
    changed: changed.sort(byPath),
  };
}

/** Sorted by path; empty when no program gained or lost a right. */
export function comparePrivileges(before: Tree, after: Tree): PrivilegeChange[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths]
    .map((path) => ({ path, before: privilegeOf(before.get(path)), after: privilegeOf(after.get(path)) }))
    .filter((change) => change.before !== change.after)
    .sort(byPath);
}

/** Sum of the sizes of all files, in bytes. Files that are hard links of each other count each. */
export function totalSize(tree: Tree): number {
  return tree.values().reduce((sum, entry) => sum + entry.size, 0);
}

/** Which rights a program has beyond its caller's, or null. */
export function privilegeOf(entry: TreeEntry | undefined): string | null {
  if (entry?.type !== 'file') return null;
  const capabilities = entry.attributes.get('security.capability');
  const rights = [
    ...((entry.mode & 0o4000) === 0 ? [] : [`setuid ${entry.uid}`]),
    // Without the right to execute for the group the bit means locking, not rights (chmod(2)).
    ...((entry.mode & 0o2010) === 0o2010 ? [`setgid ${entry.gid}`] : []),
    ...(capabilities === undefined ? [] : [capabilityText(capabilities)]),
  ];
  return rights.length === 0 ? null : rights.join(', ');
}

function aspectsOf(before: TreeEntry, after: TreeEntry): FileDifference['changed'][number]['aspects'] {
  if (before.type !== after.type) return ['type'];
  const mode = before.mode === after.mode ? [] : (['mode'] as const);
  const owner = before.uid === after.uid && before.gid === after.gid ? [] : (['owner'] as const);
  const attributes = sameAttributes(before, after) ? [] : (['attributes'] as const);
  const metadata = [...mode, ...owner, ...attributes];
  // One checksum covers all of a file: where nothing else shows, and wherever size or target differ, it is the content.
  const content = before.size !== after.size || before.target !== after.target || metadata.length === 0;
  return content ? ['content', ...metadata] : metadata;
}

function sameAttributes({ attributes: a }: TreeEntry, { attributes: b }: TreeEntry): boolean {
  return a.size === b.size && a.entries().every(([name, value]) => b.get(name)?.equals(value) === true);
}

function onlyIn(tree: Tree, other: Tree): ({ path: string } & FileState)[] {
  return [...tree.values()]
    .filter(({ path }) => !other.has(path))
    .map((entry) => ({ path: entry.path, ...stateOf(entry) }))
    .sort(byPath);
}

function stateOf({ type, mode, uid, gid, size, target }: TreeEntry): FileState {
  return { type, mode: mode.toString(8).padStart(4, '0'), uid, gid, size, target };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}
