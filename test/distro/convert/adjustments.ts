// What Debian does in maintainer scripts and an RPM says in its header, per package: links of the alternatives system, owners and
// capabilities, users, caches that are made anew when files change. One entry a package, and why.

import type { RpmDependency, RpmFileTrigger, RpmScriptlet, RpmScriptletKind } from '../../../lib/rpm/spec.ts';
import { addGroup, addUser } from '../packages/users.ts';

export interface Adjustment {
  /** Path -> target: what update-alternatives would make. */
  readonly links?: Readonly<Record<string, string>>;
  /** Paths of the package that ours take the place of. */
  readonly remove?: readonly string[];
  readonly owners?: Readonly<
    Record<string, { readonly user?: string; readonly group?: string; readonly mode: number }>
  >;
  readonly capabilities?: Readonly<Record<string, string>>;
  readonly provides?: readonly RpmDependency[];
  readonly requires?: readonly RpmDependency[];
  readonly scriptlets?: Readonly<Partial<Record<RpmScriptletKind, RpmScriptlet>>>;
  readonly fileTriggers?: readonly RpmFileTrigger[];
}

const usersTools: readonly RpmDependency[] = [
  { name: 'passwd', scriptlets: ['pre'] },
  { name: 'libc-bin', scriptlets: ['pre'] },
];

const iptablesLinks = Object.fromEntries(
  ['iptables', 'ip6tables'].flatMap((program) =>
    ['', '-save', '-restore'].map((suffix) => [`/usr/sbin/${program}${suffix}`, `${program}-nft${suffix}`]),
  ),
);

const adjustments: Readonly<Record<string, Adjustment>> = {
  'base-files': {
    // The release package and `filesystem` have these.
    remove: ['/usr/lib/os-release', '/etc/os-release', '/etc/issue', '/etc/issue.net'],
  },
  bash: { provides: [{ name: '/bin/bash' }] },
  'ca-certificates': {
    requires: ['openssl', 'debianutils', 'coreutils', 'findutils', 'sed'].map((name) => ({
      name,
      scriptlets: ['posttrans'],
    })),
    // debconf asks which certificates to trust; without a question it is all of them.
    scriptlets: {
      posttrans: {
        script: [
          'set -e',
          'cd /usr/share/ca-certificates',
          "find . -name '*.crt' | sed 's,^[.]/,,' | LC_ALL=C sort > /etc/ca-certificates.conf",
          'update-ca-certificates > /dev/null',
        ].join('\n'),
      },
    },
  },
  dash: { provides: [{ name: '/bin/sh' }] },
  // The helper starts system services for users who may talk to the bus; only the bus itself may run it.
  dbus: {
    owners: { '/usr/lib/dbus-1.0/dbus-daemon-launch-helper': { group: 'messagebus', mode: 0o4754 } },
    requires: usersTools,
    scriptlets: { pre: { script: addUser('messagebus') } },
  },
  debianutils: { links: { '/usr/bin/which': 'which.debianutils' } },
  fuse3: { owners: { '/usr/bin/fusermount3': { mode: 0o4755 } } },
  gawk: { links: { '/usr/bin/awk': 'gawk', '/usr/bin/nawk': 'gawk' } },
  iptables: { links: iptablesLinks },
  'iputils-ping': { capabilities: { '/usr/bin/ping': 'cap_net_raw=ep' } },
  less: { links: { '/usr/bin/pager': 'less' } },
  'libc-bin': {
    // Fedora's glibc does the same: the cache is made when a package has brought a library.
    scriptlets: { post: { script: '', interpreter: ['/usr/sbin/ldconfig'] } },
    fileTriggers: [
      {
        kind: 'transfiletriggerin',
        prefixes: ['/usr/lib', '/usr/lib64', '/etc/ld.so.conf.d'],
        script: 'ldconfig',
        priority: 2_000_000,
      },
    ],
  },
  mawk: { links: { '/usr/bin/awk': 'mawk' } },
  'openssh-client': {
    owners: { '/usr/bin/ssh-agent': { group: '_ssh', mode: 0o2755 } },
    requires: usersTools,
    scriptlets: { pre: { script: addGroup('_ssh') } },
  },
  'openssh-server': { requires: usersTools, scriptlets: { pre: { script: addUser('sshd') } } },
  'pinentry-curses': { links: { '/usr/bin/pinentry': 'pinentry-curses' } },
  procps: { links: { '/usr/bin/w': 'w.procps' } },
  systemd: {
    // As in Fedora: users that packages declare are made once, after all files are there.
    fileTriggers: [
      {
        kind: 'transfiletriggerin',
        prefixes: ['/usr/lib/sysusers.d'],
        script: 'systemd-sysusers',
        priority: 1_000_700,
      },
    ],
  },
  // sudo itself accepts others too, but visudo and audits ask for this mode.
  sudo: { owners: { '/etc/sudoers': { mode: 0o440 } } },
  tar: { links: { '/usr/sbin/rmt': 'rmt-tar' } },
  udev: {
    fileTriggers: [
      { kind: 'transfiletriggerin', prefixes: ['/usr/lib/udev/hwdb.d'], script: 'systemd-hwdb --usr update' },
    ],
  },
  'xz-utils': { links: { '/usr/bin/lzma': 'xz', '/usr/bin/unlzma': 'unxz', '/usr/bin/lzcat': 'xzcat' } },
};

export function adjustmentFor(name: string): Adjustment {
  const kernel = /^linux-image-(\d.*)$/.exec(name);
  if (kernel !== null) {
    return {
      requires: [{ name: 'kmod', scriptlets: ['posttrans'] }],
      scriptlets: { posttrans: { script: `depmod -a ${kernel[1]}` } },
    };
  }
  return adjustments[name] ?? {};
}
