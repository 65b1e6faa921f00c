import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { parseAccounts } from '../../../../compose/rootfs/accounts.ts';
import { checkIds } from '../../../../compose/rootfs/steps/check-ids.ts';
import { checkedAccounts, demandedIds } from '../../../../compose/rootfs/steps/checked-accounts.ts';
import { tree } from '../../../support/temporary.ts';
import { fileIn, type MiniPackage, miniDistribution } from '../../mini-distribution.ts';

/** A package that makes an account with numbers of its own choice, unless it is there. */
const app: MiniPackage = {
  name: 'app',
  scriptlets: {
    pre: {
      script:
        "grep -q ^app: /etc/passwd || { echo 'app:x:500:777::/:/bin/false' >>/etc/passwd; echo 'app:x:777:' >>/etc/group; }\n",
    },
  },
};

test('checkedAccounts() takes accounts of a file as they stand, and makes locked ones of a list', async (t) => {
  const folder = await tree(t, { passwd: 'app:x:100:101:App:/srv:/bin/sh\n', group: 'app:x:101:web\n' });
  const files = checkedAccounts({
    checkPasswd: { type: 'file', filename: join(folder, 'passwd') },
    checkGroups: { type: 'file', filename: join(folder, 'group') },
  });
  t.deepEqual(files, {
    passwd: parseAccounts('app:x:100:101:App:/srv:/bin/sh\n'),
    shadow: parseAccounts('app:!*:::::::\n'),
    group: parseAccounts('app:x:101:web\n'),
    gshadow: parseAccounts('app:!*::\n'),
  });
  const listed = checkedAccounts({
    checkPasswd: { type: 'data', entries: { app: [100, 101], web: [102] } },
    checkGroups: { type: 'previous' },
  });
  t.deepEqual(listed.passwd, parseAccounts('app:x:100:101::/:/usr/sbin/nologin\nweb:x:102:102::/:/usr/sbin/nologin\n'));
  t.deepEqual(listed.group, parseAccounts('app:x:101:\nweb:x:102:\n'));
  const none = checkedAccounts({ checkPasswd: { type: 'none' }, checkGroups: { type: 'previous' } });
  t.deepEqual(none, { passwd: [], shadow: [], group: [], gshadow: [] });
});

test('checkIds() compares ids, and primary groups of users where one is demanded', (t) => {
  const accounts = parseAccounts('app:x:100:777::/:/bin/sh\nweb:x:102:102::/:/bin/sh\n');
  const demanded = (entries: Record<string, readonly number[]>) => demandedIds('user', { type: 'data', entries }, []);
  t.notThrows(() => checkIds('user', accounts, demanded({ app: [100], web: [102, 102], gone: [7, 7] })));
  t.like(
    t.throws(() => checkIds('user', accounts, demanded({ app: [100, 100], web: [103, 104] }))),
    {
      code: 'id-changed',
      message: `the user app has the primary group 777 but must have 100
the user web has number 102 but must have 103
the user web has the primary group 102 but must have 104`,
    },
  );
  const previous = parseAccounts('app:x:100:100::/:/bin/sh\n');
  t.throws(() => checkIds('user', accounts, demandedIds('user', { type: 'previous' }, previous)), {
    message: 'the user app has the primary group 777 but must have 100',
  });
  const groups = parseAccounts('app:x:100:web\n');
  t.notThrows(() =>
    checkIds('group', groups, demandedIds('group', { type: 'previous' }, parseAccounts('app:x:100:\n'))),
  );
});

/** Checks are for trees that boot. */
const bootable = { container: false, 'no-initramfs': true };
const kernel: MiniPackage = {
  name: 'kernel',
  files: [{ type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' }],
};

for (const type of ['file', 'data'] as const) {
  test(`users of check-passwd of type ${type} have their ids before a scriptlet could choose others`, async (t) => {
    const mini = await miniDistribution(t, [kernel, app]);
    await writeFile(join(mini.folder, 'passwd'), 'root:x:0:0::/root:/bin/sh\napp:x:100:100::/:/bin/false\n');
    await writeFile(join(mini.folder, 'group'), 'root:x:0:\napp:x:100:\n');
    const entries = { root: 0, app: [100, 100] };
    const check = (filename: string): unknown =>
      type === 'file' ? { type, filename } : { type, entries: filename === 'passwd' ? entries : { app: 100 } };
    await mini.treefile({ ...bootable, 'check-passwd': check('passwd'), 'check-groups': check('group') });
    const composed = await mini.compose();
    t.regex(await fileIn(composed, '/usr/etc/passwd'), /^app:x:100:100:/m);
    t.regex(await fileIn(composed, '/usr/etc/group'), /^app:x:100:$/m);
  });
}

test('a user whose primary group is not that of check-passwd, or of the commit before, fails the compose', async (t) => {
  const change = (gid: number): MiniPackage => ({
    name: 'app',
    scriptlets: {
      pre: { script: `sed -i /^app:/d /etc/passwd; echo app:x:100:${gid}::/:/bin/false >> /etc/passwd` },
    },
  });
  const mini = await miniDistribution(t, [kernel, change(777)], {
    ...bootable,
    'check-passwd': { type: 'data', entries: { app: [100, 100] } },
  });
  const refused = (actual: number, demanded: number): object => ({
    code: 'id-changed',
    message: `the user app has the primary group ${actual} but must have ${demanded}`,
  });
  t.like(await t.throwsAsync(mini.compose()), refused(777, 100));
  await mini.treefile(bootable);
  await mini.compose();
  await mini.publish([kernel, change(778)]);
  t.like(await t.throwsAsync(mini.compose()), refused(778, 777));
});
