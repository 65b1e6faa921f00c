// The confinement of everything that runs inside the tree: its own root, no network, few capabilities, an empty /sys, and an
// environment that holds nothing of the build machine.

/** Enough for useradd, chown, setcap and the like; nothing that reaches beyond the tree. */
const keptCapabilities = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

export interface Sandbox {
  /** The tree, absolute. */
  readonly root: string;
  /** Whether programs may change it. */
  readonly writable: boolean;
  /** Added to the fixed environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Folders of the tree that are empty inside and whose content is lost. Default: those of an ordinary root. */
  readonly temporary?: readonly string[];
  /** Folders made in them. */
  readonly folders?: readonly string[];
  /** Further mounts: path outside -> path inside. */
  readonly readOnly?: Readonly<Record<string, string>>;
  readonly readWrite?: Readonly<Record<string, string>>;
}

/** Matches relative paths that an ordinary sandbox lays over the tree: nothing there is the tree's. Groups: the folder, and what follows. */
export const outsideOfTree = /^(dev|proc|sys|run|tmp|var\/tmp)(?:\/(.*))?$/s;

/** The command that runs `program` inside the tree; see bwrap(1). */
export function sandboxArgv(sandbox: Sandbox, program: readonly string[]): string[] {
  const environment: Record<string, string> = {
    HOME: '/root',
    LANG: 'C',
    LC_CTYPE: 'C.UTF-8', // as LC_ALL it would say the same, and every program would look for a dozen files more
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
    SYSTEMD_OFFLINE: '1',
    TZ: 'UTC',
    ...sandbox.environment,
  };
  return [
    'bwrap',
    ...[sandbox.writable ? '--bind' : '--ro-bind', sandbox.root, '/'],
    ...['--dev', '/dev', '--proc', '/proc'],
    ...(sandbox.temporary ?? ['/sys', '/tmp', '/run', '/var/tmp']).flatMap((path) => ['--tmpfs', path]),
    ...(sandbox.folders ?? []).flatMap((path) => ['--dir', path]),
    ...mounts('--ro-bind', sandbox.readOnly),
    ...mounts('--bind', sandbox.readWrite),
    ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-cgroup-try'],
    ...['--unshare-uts', '--hostname', 'localhost'],
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...keptCapabilities.flatMap((capability) => ['--cap-add', capability]),
    '--clearenv',
    ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', '/', '--'],
    ...program,
  ];
}

function mounts(option: string, paths: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(paths).flatMap(([outside, inside]) => [option, outside, inside]);
}
