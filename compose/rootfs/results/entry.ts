// What a scriptlet can see of one path, and the words for it that results are compared by.

/** Something in the tree. Times and inode numbers are left out: OSTree keeps none of them. */
export type TreeEntry =
  | { readonly type: 'absent' }
  /** Something above the path is no directory. */
  | { readonly type: 'detached' }
  | ({ readonly type: 'directory' } & Metadata)
  | ({ readonly type: 'link'; readonly target: string } & Metadata)
  /** `digest` is the SHA-256 of the content. */
  | ({ readonly type: 'file'; readonly digest: string } & Metadata)
  /** Devices, pipes and sockets. */
  | ({ readonly type: 'other' } & Metadata);

export interface Metadata {
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Extended attributes: name and value in base64, sorted by name. */
  readonly attributes: readonly (readonly [string, string])[];
}

/** A sentence of equal words for equal entries. */
export function describeEntry(entry: TreeEntry): string {
  switch (entry.type) {
    case 'absent':
    case 'detached':
      return entry.type;
    case 'directory':
    case 'other':
      return `${entry.type} ${metadataWords(entry)}`;
    case 'link':
      return `link ${metadataWords(entry)} ${entry.target}`;
    case 'file':
      return `file ${metadataWords(entry)} ${entry.digest}`;
  }
}

/** Whether there is something at the path. */
export function exists(entry: TreeEntry): boolean {
  return entry.type !== 'absent' && entry.type !== 'detached';
}

function metadataWords({ mode, uid, gid, attributes }: Metadata): string {
  return [mode.toString(8), `${uid}:${gid}`, ...attributes.map((pair) => pair.join('='))].join(' ');
}
