// Which of the packages' files the treefile wants in the tree.

import type { RpmFileEntry } from '../../lib/rpm/files.ts';
import { rpmFileFlag } from '../../lib/rpm/tags.ts';

export interface FileFilter {
  readonly documentation: boolean;
  /** Empty: all. */
  readonly languages: readonly string[];
}

/** True when the treefile wants the file; rpm's own rules for `%doc` and `%lang`: `en_US` also wants what is for `en`. */
export function isWanted(file: Pick<RpmFileEntry, 'flags' | 'languages'>, filter: FileFilter): boolean {
  if (!filter.documentation && (file.flags & rpmFileFlag.doc) !== 0) return false;
  if (file.languages === '' || filter.languages.length === 0) return true;
  return file.languages.split('|').some((language) => filter.languages.some((wanted) => wanted.startsWith(language)));
}
