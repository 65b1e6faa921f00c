// The users and groups of the sample distribution: those that Debian's base-passwd has on every host, and those that packages add.

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
}

const nologin = '/usr/sbin/nologin';

function user(name: string, uid: number, gid: number, home: string, shell = nologin, comment = name): User {
  return { name, uid, gid, comment, home, shell };
}

export const baseUsers: readonly User[] = [
  user('root', 0, 0, '/root', '/bin/bash'),
  user('daemon', 1, 1, '/usr/sbin'),
  user('bin', 2, 2, '/bin'),
  user('sys', 3, 3, '/dev'),
  user('sync', 4, 65534, '/bin', '/bin/sync'),
  user('games', 5, 60, '/usr/games'),
  user('man', 6, 12, '/var/cache/man'),
  user('lp', 7, 7, '/var/spool/lpd'),
  user('mail', 8, 8, '/var/mail'),
  user('news', 9, 9, '/var/spool/news'),
  user('uucp', 10, 10, '/var/spool/uucp'),
  user('proxy', 13, 13, '/bin'),
  user('www-data', 33, 33, '/var/www'),
  user('backup', 34, 34, '/var/backups'),
  user('list', 38, 38, '/var/list', nologin, 'Mailing List Manager'),
  user('irc', 39, 39, '/run/ircd', nologin, 'ircd'),
  user('_apt', 42, 65534, '/nonexistent', nologin, ''),
  user('nobody', 65534, 65534, '/nonexistent'),
];

export const baseGroups: Readonly<Record<string, number>> = {
  root: 0,
  daemon: 1,
  bin: 2,
  sys: 3,
  adm: 4,
  tty: 5,
  disk: 6,
  lp: 7,
  mail: 8,
  news: 9,
  uucp: 10,
  man: 12,
  proxy: 13,
  kmem: 15,
  dialout: 20,
  fax: 21,
  voice: 22,
  cdrom: 24,
  floppy: 25,
  tape: 26,
  sudo: 27,
  audio: 29,
  dip: 30,
  'www-data': 33,
  backup: 34,
  operator: 37,
  list: 38,
  irc: 39,
  src: 40,
  shadow: 42,
  utmp: 43,
  video: 44,
  sasl: 45,
  plugdev: 46,
  staff: 50,
  games: 60,
  users: 100,
  nogroup: 65534,
};

/** Users that packages make in %pre. The ids are fixed, so that an upgrade never gives files in /var to another user. */
const packageUsers: Readonly<Record<string, User>> = {
  messagebus: user('messagebus', 101, 101, '/nonexistent', nologin, 'System Message Bus'),
  sshd: user('sshd', 102, 65534, '/run/sshd', nologin, 'sshd user'),
};
const packageGroups: Readonly<Record<string, number>> = { messagebus: 101, _ssh: 103 };

/** The line of a %pre that makes a group where it is missing. */
export function addGroup(name: string): string {
  return `getent group ${name} >/dev/null || groupadd --system --gid ${packageGroups[name]} ${name}`;
}

/** The lines of a %pre that make a user, and its group when it has one of its own, where they are missing. */
export function addUser(name: string): string {
  const { uid, gid, home, shell, comment } = packageUsers[name]!;
  const options = `--system --uid ${uid} --gid ${gid} --home-dir ${home} --no-create-home --shell ${shell} --comment '${comment}'`;
  return [
    ...(name in packageGroups ? [addGroup(name)] : []),
    `getent passwd ${name} >/dev/null || useradd ${options} ${name}`,
  ].join('\n');
}
