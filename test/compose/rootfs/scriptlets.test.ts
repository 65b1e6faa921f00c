import { join } from 'node:path';
import test from 'ava';
import { run } from '../../../lib/run.ts';
import { cacheRepo, fileIn, listing, type MiniPackage, miniDistribution, step } from '../mini-distribution.ts';
import { rpmPackage } from '../rpm-package.ts';

/** Content objects of the cache with everything that a write through a hard link would change. */
async function cachedObjects(folder: string): Promise<string> {
  const objects = join(cacheRepo(folder), 'objects');
  const { stdout } = await run(['find', objects, '-name', '*.file', '-printf', '%p %s %m %U %G %T@\n']);
  return stdout.split('\n').sort().join('\n');
}

const victim: MiniPackage = {
  name: 'victim',
  files: [
    { type: 'file', path: '/usr/share/victim/appended', content: 'one\n' },
    { type: 'file', path: '/usr/share/victim/edited', content: 'before\n' },
    { type: 'file', path: '/usr/share/victim/overwritten', content: 'aaaa' },
    { type: 'file', path: '/usr/share/victim/mode', content: 'x' },
    { type: 'file', path: '/usr/share/victim/owner', content: 'y' },
    { type: 'file', path: '/usr/share/victim/becomes-folder', content: 'z' },
    { type: 'file', path: '/usr/share/victim/linked', content: 'l' },
    { type: 'file', path: '/usr/share/victim/gone', content: 'g' },
    { type: 'file', path: '/usr/share/victim-tree/deep/file', content: 'd' },
    { type: 'file', path: '/usr/share/victim-moved/inside', content: 'm' },
  ],
};

const attacker: MiniPackage = {
  name: 'attacker',
  requires: [{ name: 'victim' }],
  scriptlets: {
    post: {
      script: `set -e
cd /usr/share/victim
echo two >> appended
sed -i s/before/after/ edited
printf bb | dd of=overwritten conv=notrunc bs=1 seek=1 2>/dev/null
chmod 4755 mode
chown 7:8 owner
rm becomes-folder
mkdir becomes-folder
echo in > becomes-folder/file
ln linked hard
rm gone
rm -rf /usr/share/victim-tree
mkdir /usr/share/victim-tree
echo new > /usr/share/victim-tree/only
mv /usr/share/victim-moved /usr/share/moved
`,
    },
  },
};

test('scriptlets change the tree as they say, and no cached object', async (t) => {
  const mini = await miniDistribution(t, [victim]);
  await mini.compose({ repo: join(mini.folder, 'first') });
  const before = await cachedObjects(mini.folder);
  await mini.publish([victim, attacker]);
  await mini.treefile({});
  const composed = await mini.compose();
  const known = new Set((await cachedObjects(mini.folder)).split('\n'));
  t.deepEqual(
    before.split('\n').filter((line) => !known.has(line)),
    [],
  );
  await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'fsck', '--quiet']);

  const inVictim = (await listing(composed)).filter((line) => / \/usr\/share\/(victim|moved)/.test(line));
  t.deepEqual(
    inVictim.sort(),
    [
      'd 00755 0 0 /usr/share/moved',
      '- 00644 0 0 /usr/share/moved/inside',
      'd 00755 0 0 /usr/share/victim-tree',
      '- 00644 0 0 /usr/share/victim-tree/only',
      'd 00755 0 0 /usr/share/victim',
      '- 00644 0 0 /usr/share/victim/appended',
      '- 00644 0 0 /usr/share/victim/edited',
      '- 00644 0 0 /usr/share/victim/hard',
      '- 00644 0 0 /usr/share/victim/linked',
      '- 04755 0 0 /usr/share/victim/mode',
      '- 00644 0 0 /usr/share/victim/overwritten',
      '- 00644 7 8 /usr/share/victim/owner',
      'd 00755 0 0 /usr/share/victim/becomes-folder',
      '- 00644 0 0 /usr/share/victim/becomes-folder/file',
    ].sort(),
  );
  t.is(await fileIn(composed, '/usr/share/victim/appended'), 'one\ntwo\n');
  t.is(await fileIn(composed, '/usr/share/victim/edited'), 'after\n');
  t.is(await fileIn(composed, '/usr/share/victim/overwritten'), 'abba');

  const repeated = await mini.compose({ force: true, repo: join(mini.folder, 'repeated') });
  t.is(step(repeated, 'Run scriptlets').detail, '1 scriptlets, 1 with known results');
  t.deepEqual(await listing(repeated), await listing(composed));
});

test('scriptlets run in order, confined, with the arguments of a first installation', async (t) => {
  const say = (what: string): { script: string } => ({
    script: `echo "${what} $1" >> /usr/share/order`,
  });
  const mini = await miniDistribution(t, [
    {
      name: 'one',
      requires: [{ name: 'two' }],
      scriptlets: { pre: say('pre one'), post: say('post one'), posttrans: say('posttrans one') },
    },
    {
      name: 'two',
      files: [
        { type: 'directory', path: '/usr/share' },
        { type: 'file', path: '/usr/share/two/file', content: 't' },
      ],
      scriptlets: {
        pre: say('pre two'),
        post: {
          script: `set -e
echo "post two $1" >> /usr/share/order
env | sort > /usr/share/environment
ls /sys > /usr/share/sys
ls /run > /usr/share/run
[ -f /run/ostree-booted ] && [ ! -s /run/ostree-booted ]
ls /proc/1/cwd > /dev/null
(ls /proc/net/dev > /dev/null; sed -n 's/ *\\([a-z0-9]*\\):.*/\\1/p' /proc/net/dev) > /usr/share/interfaces
mkdir /tmp/x && touch /run/y`,
        },
        posttrans: say('posttrans two'),
      },
      triggers: [
        { kind: 'triggerin', packages: [{ name: 'one' }], script: 'echo "triggerin one" >> /usr/share/order' },
      ],
      fileTriggers: [
        { kind: 'filetriggerin', prefixes: ['/usr/share/two'], script: 'cat >> /usr/share/order' },
        {
          kind: 'transfiletriggerin',
          prefixes: ['/usr/share/tw'],
          script: 'echo last >> /usr/share/order; cat >> /usr/share/order',
        },
      ],
    },
  ]);
  const composed = await mini.compose({ sourceDateEpoch: 1_750_000_000 });
  t.deepEqual((await fileIn(composed, '/usr/share/order')).trim().split('\n'), [
    'pre two 1',
    'pre one 1',
    '/usr/share/two/file',
    'post two 1',
    'post one 1',
    'triggerin one',
    'posttrans two 1',
    'posttrans one 1',
    'last',
    '/usr/share/two/file',
  ]);
  t.deepEqual((await fileIn(composed, '/usr/share/environment')).trim().split('\n'), [
    'HOME=/root',
    'LANG=C',
    'LC_CTYPE=C.UTF-8',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
    'PWD=/',
    'SHLVL=1',
    'SOURCE_DATE_EPOCH=1700000000', // of the package, not of the compose
    'SYSTEMD_OFFLINE=1',
    'TZ=UTC',
  ]);
  t.is(await fileIn(composed, '/usr/share/sys'), '');
  t.is(await fileIn(composed, '/usr/share/run'), 'ostree-booted\nslipway-scriptlet\n');
  t.is(await fileIn(composed, '/usr/share/interfaces'), 'lo\n');
});

test('files of users that %pre makes get their owner, mode and capabilities', async (t) => {
  const mini = await miniDistribution(t, [
    {
      name: 'app',
      scriptlets: {
        pre: { script: "echo 'app:x:777:777::/:/bin/false' >> /etc/passwd; echo 'app:x:777:' >> /etc/group" },
      },
      files: [
        { type: 'directory', path: '/usr/lib/app', mode: 0o2770, user: 'app', group: 'app' },
        { type: 'file', path: '/usr/lib/app/run', mode: 0o4750, user: 'app', group: 'app', content: 'r' },
        {
          ...{ type: 'file', path: '/usr/bin/ping', mode: 0o755, content: 'p', group: 'app' },
          capabilities: 'cap_net_raw=ep',
        },
        { type: 'file', path: '/usr/lib/app/stranger', user: 'nobody-knows', content: 's' },
      ],
    },
  ]);
  const composed = await mini.compose();
  const lines = await listing(composed);
  for (const line of [
    'd 02770 777 777 /usr/lib/app',
    '- 04750 777 777 /usr/lib/app/run',
    '- 00755 0 777 /usr/bin/ping',
    '- 00644 0 0 /usr/lib/app/stranger',
  ]) {
    t.true(lines.includes(line), line);
  }
  const { stdout } = await run(['ostree', `--repo=${composed.repo}`, 'ls', '-X', composed.checksum, '/usr/bin/ping']);
  t.regex(stdout, /security\.capability/);
  t.true(
    composed.events.some(
      (event) =>
        event.type === 'warning' &&
        event.message === 'the user nobody-knows does not exist in the tree: root owns its files',
    ),
  );
});

test('users keep their numbers from one commit to the next', async (t) => {
  // Takes the first free number, as sysusers does, so that the number depends on who came before.
  const add = (name: string): MiniPackage => ({
    name,
    scriptlets: {
      pre: {
        script: `grep -q ^${name}: /etc/passwd && exit 0
id=100
while grep -q ":x:$id:" /etc/passwd; do id=$((id + 1)); done
echo "${name}:x:$id:$id::/:/bin/false" >> /etc/passwd`,
      },
    },
  });
  const kernel: MiniPackage = {
    name: 'kernel',
    files: [{ type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' }],
  };
  const bootable = { container: false, 'no-initramfs': true };
  const mini = await miniDistribution(t, [kernel, add('zeta')], bootable);
  t.regex(await fileIn(await mini.compose(), '/usr/etc/passwd'), /^zeta:x:100:/m);
  await mini.publish([kernel, add('zeta'), add('alpha')]);
  await mini.treefile(bootable);
  const second = await fileIn(await mini.compose(), '/usr/etc/passwd');
  t.regex(second, /^zeta:x:100:/m);
  t.regex(second, /^alpha:x:101:/m);
});

test('an interpreter alone is run without arguments', async (t) => {
  const mini = await miniDistribution(t, [
    {
      name: 'ldconfig',
      scriptlets: { post: { script: '', interpreter: ['/usr/sbin/ldconfig'] } },
      files: [
        {
          type: 'file',
          path: '/usr/sbin/ldconfig',
          mode: 0o755,
          content: '#!/bin/sh\necho "ran $#" > /etc/ld.so.cache\n',
        },
      ],
    },
  ]);
  t.is(await fileIn(await mini.compose(), '/usr/etc/ld.so.cache'), 'ran 0\n');
});

for (const database of ['/usr/share/rpm', '/usr/lib/sysimage/rpm', '/var/lib/rpm']) {
  test(`a scriptlet that asks rpm finds no package, and what rpm makes of that in ${database} is not shipped`, async (t) => {
    const script = 'set -e; /usr/bin/rpm -q base > /etc/said 2>&1 || true; ls > /dev/null "$DATABASE/rpmdb.sqlite"';
    const mini = await miniDistribution(t, [
      await rpmPackage(database),
      { name: 'asking', scriptlets: { post: { script: script.replace('$DATABASE', database) } } },
    ]);
    const composed = await mini.compose();
    t.is(await fileIn(composed, '/usr/etc/said'), 'package base is not installed\n');
    const kept = (await listing(composed)).filter((line) => /rpmdb|\/(sysimage|share|lib)\/rpm( |$)/.test(line));
    t.deepEqual(kept.sort(), [
      '- 00644 0 0 /usr/share/rpm/rpmdb.sqlite',
      'd 00755 0 0 /usr/lib/rpm',
      'd 00755 0 0 /usr/share/rpm',
      'l 00777 0 0 /usr/lib/sysimage/rpm -> ../../share/rpm',
    ]);
    t.is((await fileIn(composed, '/usr/lib/tmpfiles.d/slipway-var.conf')).match(/\/var\/lib\/rpm/g)?.length, 1);
  });
}
