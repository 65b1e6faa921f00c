// Paths in the tree as people write them: with or without a slash at either end.

/** The path from the root of the tree, without slashes at its ends. */
export function treePath(written: string): string {
  return written.replace(/^\/+|\/+$/g, '');
}
