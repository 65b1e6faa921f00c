// Where a packaged path lies: in the tree while it is made, when it looks like an ordinary usr-merged root, and in the commit, where what
// belongs to the machine (/var, /run, homes) is not shipped. The rules are one table; docs/commits.md tells them to users.

/** What becomes of everything below a folder of packages. */
export interface PathRule {
  readonly below: string;
  /** The folder in the tree while it is made; scriptlets see the files there. */
  readonly inTree: string;
  /** The folder in the commit; null for what belongs to the machine: its folders and links are made at boot, its files dropped. */
  readonly shipped: string | null;
}

const kept = (below: string, inTree = below): PathRule => ({ below, inTree, shipped: inTree });
const moved = (below: string, shipped: string): PathRule => ({ below, inTree: below, shipped });
const ofMachine = (below: string, inTree = below): PathRule => ({ below, inTree, shipped: null });

/** The first that fits counts. */
export const pathRules: readonly PathRule[] = [
  kept('/usr'),
  ...['bin', 'sbin', 'lib', 'lib64'].map((name) => kept(`/${name}`, `/usr/${name}`)),
  moved('/etc', '/usr/etc'),
  moved('/boot', '/usr/lib/ostree-boot'),
  moved('/opt', '/usr/lib/opt'),
  moved('/var/lib/alternatives', '/usr/lib/alternatives'),
  moved('/var/lib/vagrant', '/usr/lib/vagrant'),
  ofMachine('/var/run', '/run'),
  ofMachine('/var/lock', '/run/lock'),
  ...['var', 'run', 'home', 'root', 'srv', 'mnt', 'media', 'tmp'].map((name) => ofMachine(`/${name}`)),
  ...['dev', 'proc', 'sys', 'sysroot', 'ostree'].map((name) => ofMachine(`/${name}`)),
];

/** The path in the tree of a path in a package; both absolute. The folders of the table themselves stay: some are links. */
export function treePath(path: string): string {
  const rule = ruleOf(path);
  return rule === undefined ? path : rule.inTree + path.slice(rule.below.length);
}

/** The path in the commit of a path in a package, or null for what belongs to the machine. */
export function shippedPath(path: string): string | null {
  const rule = ruleOf(path);
  if (rule === undefined) return path;
  return rule.shipped === null ? null : rule.shipped + path.slice(rule.below.length);
}

/** True for a path in none of the folders of the table, which no host would get right. */
export function isOutside(path: string): boolean {
  if (path.split('/').includes('..')) return true;
  return path !== '/' && ruleOf(path) === undefined && !pathRules.some(({ below }) => below === path);
}

function ruleOf(path: string): PathRule | undefined {
  return pathRules.find(({ below }) => path.startsWith(below) && path[below.length] === '/');
}
