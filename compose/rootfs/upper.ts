// Describes what scripts changed: the content of an overlay's upper layer, as sorted lines.

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../lib/documents.ts';
import { listExtendedAttributes } from '../../lib/extended-attributes.ts';

/**
 * One line per entry with path, mode, owner and content; a removed file shows as the overlay's whiteout, a replaced directory by the
 * overlay's attribute.
 * @param relevant which paths count (relative, without leading slash); a directory is entered in any case
 */
export function describeUpper(upper: string, relevant: (path: string) => boolean): string[] {
  const lines: string[] = [];
  const walk = (folder: string): void => {
    for (const name of readdirSync(join(upper, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const stats = lstatSync(join(upper, path));
      if (relevant(path)) {
        const content = stats.isFile()
          ? sha256(readFileSync(join(upper, path)))
          : stats.isSymbolicLink()
            ? readlinkSync(join(upper, path))
            : stats.isDirectory()
              ? listExtendedAttributes(join(upper, path)).sort().join()
              : '';
        lines.push([path, stats.mode, stats.uid, stats.gid, content].join('\0'));
      }
      if (stats.isDirectory()) walk(path);
    }
  };
  walk('');
  return lines.sort();
}
