// Shell patterns as in fnmatch(3) without flags: `*`, `?`, `[a-z]`, `[!a]`.

/** A regular expression for the whole text. An unclosed bracket stands for itself. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/\[(!?)([^\]]+)\]|[*?]|[\\^$.|+()[\]{}/]/g, (token, not?: string, set?: string) => {
    if (set !== undefined) return `[${not === '' ? '' : '^'}${set.replace(/[\\\]^]/g, '\\$&')}]`;
    if (token === '*') return '.*';
    if (token === '?') return '.';
    return `\\${token}`;
  });
  return new RegExp(`^(?:${source})$`, 's');
}
