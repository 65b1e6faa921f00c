import test from 'ava';
import { type AccountChange, removedAccounts } from '../../../../compose/rootfs/steps/removed-accounts.ts';
import { tree } from '../../../support/temporary.ts';
import { fileIn, miniDistribution } from '../../mini-distribution.ts';

const change: AccountChange = {
  kind: 'user',
  before: new Map([
    ['root', 0],
    ['zeta', 700],
    ['alpha', 701],
  ]),
  now: new Map([['root', 0]]),
  ignored: [],
};

test('removedAccounts() names who is gone, except those who may go', async (t) => {
  const root = await tree(t, { 'usr/lib/a/b': '' });
  t.deepEqual(removedAccounts(root, change), ['alpha', 'zeta']);
  t.deepEqual(removedAccounts(root, { ...change, ignored: ['zeta'] }), ['alpha']);
  t.deepEqual(removedAccounts(root, { ...change, ignored: ['*'] }), []);
  t.deepEqual(removedAccounts(root, { ...change, now: change.before }), []);
});

test('a user that is gone but owns files ends the compose, unless it may go', async (t) => {
  const kernel = { type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' } as const;
  const kept = { type: 'file', path: '/usr/share/kept', content: 'x' } as const;
  const keys = {
    ...{
      container: false,
      'no-initramfs': true,
      postprocess: ['chown 700 /usr/share/kept; sed -i "/^zeta:\\|^other:/d" /etc/passwd'],
    },
    'check-passwd': { type: 'data', entries: { root: 0, daemon: 2, zeta: 700, other: 701 } },
  };
  const mini = await miniDistribution(t, [{ name: 'kernel', files: [kernel, kept] }], keys);
  const error = await t.throwsAsync(mini.compose());
  t.is(error?.message, 'the user zeta is gone, but /usr/share/kept still belongs to it');
  await mini.treefile({ ...keys, 'ignore-removed-users': ['zeta'] });
  const composed = await mini.compose();
  const warnings = composed.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  t.deepEqual(warnings, ['users that were there before are gone: other']);
});

test('systemd-sysusers runs where it is in the tree, though no file lacks its owner; compose-forced wants it there', async (t) => {
  const sysusers = {
    type: 'file',
    path: '/usr/bin/systemd-sysusers',
    mode: 0o755,
    content: '#!/bin/sh\ngrep -q ^made: /etc/passwd || echo made:x:900:900::/:/bin/false >> /etc/passwd\n',
  } as const;
  const keys = { sysusers: 'compose-forced' };
  const mini = await miniDistribution(t, [], keys);
  t.like(await t.throwsAsync(mini.compose()), { code: 'no-sysusers' });
  await mini.publish([{ name: 'sysusers', files: [sysusers] }]);
  await mini.treefile({});
  t.regex(await fileIn(await mini.compose(), '/usr/etc/passwd'), /^made:x:900:/m);
  await mini.treefile(keys);
  t.regex(await fileIn(await mini.compose(), '/usr/etc/passwd'), /^made:x:900:/m);
});
