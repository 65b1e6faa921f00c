// Where a packaged path lies in the tree. The tree is usr-merged: what a package still puts into /bin, /sbin, /lib or /lib64 lands under
// /usr, because those four are links there.

const merged = /^\/(bin|sbin|lib|lib64)\//;

/** The path in the tree of a path in a package; both absolute. */
export function treePath(path: string): string {
  return merged.test(path) ? `/usr${path}` : path;
}
