// Keys about user and group ids, which must not change from one commit to the next.

import { list, map, scalar, set } from '../declare.ts';
import { groupCheck, groupId, userCheck, userId } from '../types/ids.ts';
import { flag, oneOf, text } from '../types/scalars.ts';

const userName = text({ words: 'the name of a user, or "*"' });
const groupName = text({ words: 'the name of a group, or "*"' });

export const etcGroupMembers = list({
  name: 'etc-group-members',
  item: text({ words: 'the name of a group' }),
  nameOf: (item) => item,
  docs: 'Groups that are kept in `/etc/group` as well, so that members can be added on the host. Only a tree with nss-altfiles keeps groups anywhere else.',
  example: 'etc-group-members: [wheel, docker]',
});

export const preservePasswd = scalar({
  name: 'preserve-passwd',
  type: flag,
  default: true,
  docs: 'Whether users and groups of the previous commit are carried over, so that ids stay.',
  example: 'preserve-passwd: false',
});

export const checkPasswd = scalar({
  name: 'check-passwd',
  type: userCheck,
  default: { type: 'previous' },
  docs: 'Which users the tree may have: `previous` (those of the previous commit keep their ids), `file` (a passwd file beside the treefile), `data` (listed here) or `none`. Ids, and primary groups where they are given, must be these. Users of a file or a list exist before the first package script runs.',
  example: 'check-passwd:\n  type: data\n  entries:\n    root: 0\n    chrony: [994, 992]',
});

export const checkGroups = scalar({
  name: 'check-groups',
  type: groupCheck,
  default: { type: 'previous' },
  docs: 'As `check-passwd`, for groups.',
  example: 'check-groups:\n  type: file\n  filename: group',
});

export const ignoreRemovedUsers = set({
  name: 'ignore-removed-users',
  item: userName,
  nameOf: (item) => item,
  docs: 'Users that may disappear without a word; `*` allows all. Without it a user that is gone is a warning, and an error when files of the tree still belong to it.',
  example: 'ignore-removed-users: [polkitd]',
});

export const ignoreRemovedGroups = set({
  name: 'ignore-removed-groups',
  item: groupName,
  nameOf: (item) => item,
  docs: 'As `ignore-removed-users`, for groups.',
  example: 'ignore-removed-groups: ["*"]',
});

export const sysusers = scalar({
  name: 'sysusers',
  type: oneOf(['compose-auto', 'compose-forced']),
  default: 'compose-auto',
  experimental: true,
  docs: 'Whether `systemd-sysusers` makes the users that `sysusers.d` describes while the tree is assembled: `compose-auto` does so where a package brings the program, `compose-forced` makes its absence an error.',
  example: 'sysusers: compose-forced',
});

export const pinUsers = map({
  name: 'pin-users',
  from: 'slipway',
  member: userId,
  docs: 'Fixed ids for users that packages create: a uid, `[uid]` or `[uid, gid]`. The users exist before the first package script runs; each has a group of its own name unless `pin-groups` names the gid.',
  example: 'pin-users:\n  chrony: [994, 992]',
});

export const pinGroups = map({
  name: 'pin-groups',
  from: 'slipway',
  member: groupId,
  docs: 'Fixed ids for groups that packages create.',
  example: 'pin-groups:\n  chrony: 992',
});

export const failOnNewUsers = scalar({
  name: 'fail-on-new-users',
  from: 'slipway',
  type: flag,
  default: false,
  docs: 'Whether a user or group that neither the previous commit nor `check-passwd`, `check-groups`, `pin-users` or `pin-groups` knows fails the compose. Without it a package can silently take an id that hosts already use. The first commit of a ref has nothing to compare with: there only `check-passwd` and `check-groups` of type `file` or `data` make users new.',
  example: 'fail-on-new-users: true',
});
