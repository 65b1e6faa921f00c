// The packages below everything else: `setup` with the users and groups, `filesystem` with the base layout.

import type { RpmFile, RpmSpec } from '../../../lib/rpm/spec.ts';
import { baseGroups, baseUsers } from './users.ts';

const common = { version: '1', release: '1', arch: 'noarch', license: 'Apache-2.0', vendor: 'Slipway' } as const;

/** Days since 1970 of the last change of password, as every entry says. */
const passwordDay = 19_000;

/**
 * A package of its own, because rpm looks up the owners of a package's files before it unpacks the first of them: `filesystem` has
 * files of the group shadow.
 */
export function setupPackage(): RpmSpec {
  return {
    ...common,
    name: 'setup',
    summary: 'Users and groups',
    files: [
      configFile('/etc/passwd', passwdText()),
      configFile('/etc/group', groupText()),
      // Empty: useradd gives ranges of ids for containers only where these files are.
      configFile('/etc/subuid', ''),
      configFile('/etc/subgid', ''),
      configFile('/etc/shells', '/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n'),
    ],
  };
}

const directories = [
  ...['/boot', '/dev', '/etc', '/etc/opt', '/home', '/media', '/mnt', '/opt', '/proc', '/run', '/srv', '/sys'],
  ...[
    '/usr',
    '/usr/bin',
    '/usr/games',
    '/usr/include',
    '/usr/lib',
    '/usr/lib64',
    '/usr/local',
    '/usr/sbin',
    '/usr/share',
  ],
  ...[
    '/usr/share/doc',
    '/usr/share/man',
    '/usr/src',
    '/var',
    '/var/cache',
    '/var/lib',
    '/var/log',
    '/var/opt',
    '/var/spool',
  ],
];

export function filesystemPackage(): RpmSpec {
  const links = { '/bin': 'usr/bin', '/sbin': 'usr/sbin', '/lib': 'usr/lib', '/lib64': 'usr/lib64' };
  const varLinks = { '/var/run': '../run', '/var/lock': '../run/lock', '/var/spool/mail': '../mail' };
  return {
    ...common,
    name: 'filesystem',
    summary: 'Base layout of the file system',
    requires: [{ name: 'setup', scriptlets: ['pre'] }],
    provides: [{ name: 'usr-is-merged' }, { name: 'base-users' }],
    files: [
      ...directories.map<RpmFile>((path) => ({ type: 'directory', path })),
      { type: 'directory', path: '/tmp', mode: 0o1777 },
      { type: 'directory', path: '/var/tmp', mode: 0o1777 },
      { type: 'directory', path: '/root', mode: 0o700 },
      { type: 'directory', path: '/var/mail', mode: 0o2775, group: 'mail' },
      ...Object.entries({ ...links, ...varLinks }).map<RpmFile>(([path, target]) => ({
        type: 'symlink',
        path,
        target,
      })),
      secretFile('/etc/shadow', baseUsers.map(({ name }) => `${name}:*:${passwordDay}:0:99999:7:::\n`).join('')),
      secretFile(
        '/etc/gshadow',
        Object.keys(baseGroups)
          .map((name) => `${name}:*::\n`)
          .join(''),
      ),
    ],
  };
}

function passwdText(): string {
  return baseUsers
    .map(({ name, uid, gid, comment, home, shell }) => `${name}:x:${uid}:${gid}:${comment}:${home}:${shell}\n`)
    .join('');
}

function groupText(): string {
  return Object.entries(baseGroups)
    .map(([name, gid]) => `${name}:x:${gid}:\n`)
    .join('');
}

function configFile(path: string, content: string): RpmFile {
  return { type: 'file', path, content, flags: ['config', 'noreplace'] };
}

/** No password is set, and none matches: root logs in with a key that the machine is given when it starts. */
function secretFile(path: string, content: string): RpmFile {
  return { type: 'file', path, content, mode: 0o640, group: 'shadow', flags: ['config', 'noreplace'] };
}
