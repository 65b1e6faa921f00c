import test from 'ava';
import { parseAccounts } from '../../../../compose/rootfs/accounts.ts';
import { refuseNewAccounts } from '../../../../compose/rootfs/steps/new-accounts.ts';
import { pinnedAccounts } from '../../../../compose/rootfs/steps/pinned-accounts.ts';
import { fileIn, type MiniPackage, miniDistribution } from '../../mini-distribution.ts';

/** A package that makes an account in %pre as distributions do, unless it is there. */
const daemon: MiniPackage = {
  name: 'chrony',
  scriptlets: {
    pre: {
      script:
        "grep -q ^chrony: /etc/passwd || { echo 'chrony:x:500:500::/:/bin/false' >>/etc/passwd; echo 'chrony:x:500:' >>/etc/group; }\n",
    },
  },
};

test('pinnedAccounts() makes locked accounts, and a group for each user unless a pinned group has its number', (t) => {
  const accounts = pinnedAccounts({
    pinUsers: { chrony: [994, 992], app: [800], web: [700, 600] },
    pinGroups: { www: [600] },
  });
  t.deepEqual(accounts, {
    passwd: parseAccounts(
      'chrony:x:994:992::/:/usr/sbin/nologin\napp:x:800:800::/:/usr/sbin/nologin\nweb:x:700:600::/:/usr/sbin/nologin\n',
    ),
    shadow: parseAccounts('chrony:!*:::::::\napp:!*:::::::\nweb:!*:::::::\n'),
    group: parseAccounts('chrony:x:992:\napp:x:800:\nwww:x:600:\n'),
    gshadow: parseAccounts('chrony:!*::\napp:!*::\nwww:!*::\n'),
  });
});

test('refuseNewAccounts() names every account that nobody announced', (t) => {
  const accounts = parseAccounts('root:x:0:0\napp:x:800:800\nweb:x:700:700\n');
  t.notThrows(() => refuseNewAccounts('user', accounts, new Set(['root', 'app', 'web', 'gone'])));
  const error = t.throws(() => refuseNewAccounts('user', accounts, new Set(['root'])));
  t.is(error?.message, 'the user app (number 800) is new\nthe user web (number 700) is new');
});

test('composeTree() pins the ids of users before scriptlets make them', async (t) => {
  const mini = await miniDistribution(t, [daemon], { 'pin-users': { chrony: [994, 992] } });
  const composed = await mini.compose();
  t.regex(await fileIn(composed, '/usr/etc/passwd'), /^chrony:x:994:992:/m);
  t.regex(await fileIn(composed, '/usr/etc/group'), /^chrony:x:992:/m);
});

test('composeTree() with fail-on-new-users refuses an account that an update brings, until it is pinned', async (t) => {
  const mini = await miniDistribution(t, [], { 'fail-on-new-users': true });
  await mini.compose();
  await mini.publish([daemon]);
  await mini.treefile({ 'fail-on-new-users': true });
  const error = await t.throwsAsync(mini.compose());
  t.is(error?.message, 'the user chrony (number 500) is new');
  await mini.treefile({ 'fail-on-new-users': true, 'pin-users': { chrony: 994 } });
  t.true((await mini.compose()).changed);
});

test('composeTree() with preserve-passwd: false forgets the accounts of the previous commit', async (t) => {
  const mini = await miniDistribution(t, [daemon]);
  const first = await mini.compose();
  t.regex(await fileIn(first, '/usr/etc/passwd'), /^chrony:/m);
  await mini.publish([]);
  await mini.treefile({ 'preserve-passwd': false });
  t.notRegex(await fileIn(await mini.compose(), '/usr/etc/passwd'), /^chrony:/m);
});
