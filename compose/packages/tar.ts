// Writes the entries of a tar archive as OSTree reads them with `--tree=tar=-`. Owners are left at zero: they are set in the assembled
// tree, where the names are known.

import { tarHeader, tarPadding } from '../../lib/tar.ts';

export { tarEnd } from '../../lib/tar.ts';

export type TarEntry =
  | { readonly type: 'directory'; readonly path: string; readonly mode: number }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly data: Uint8Array };

/** The blocks of one entry. Paths are relative to the root of the tree, e.g. `usr/bin/ls`. */
export function tarEntry(entry: TarEntry): Buffer {
  switch (entry.type) {
    case 'directory':
      return tarHeader({ type: 'directory', path: `./${entry.path}/`, mode: entry.mode & 0o7777 });
    case 'symlink':
      return tarHeader({ type: 'symlink', path: `./${entry.path}`, mode: 0o777, target: entry.target });
    case 'file': {
      const size = entry.data.length;
      const header = tarHeader({ type: 'file', path: `./${entry.path}`, mode: entry.mode & 0o7777, size });
      return Buffer.concat([header, entry.data, tarPadding(size)]);
    }
  }
}
