import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { initramfsInputs } from '../../../compose/rootfs/initramfs-inputs.ts';
import { tree } from '../../support/temporary.ts';

const documentation = 'usr/share/doc/kbd/README';
const pages = 'usr/share/man/man8/kbd.8';

test('initramfsInputs() counts every file but documentation, translations, caches and what describes the compose', (t) => {
  const counts = initramfsInputs('/nowhere', ['--omit', 'nfs', '--install', '/usr/share/kbd/map']);
  const paths = [
    'usr/share/kbd/map',
    'usr/share/docbook',
    'usr/share',
    'etc/dracut.conf',
    'opt/tool',
    'usr/share/locale/locale.alias',
    'var/lib/iscsi/ifaces',
  ];
  t.deepEqual(paths.filter(counts), paths);
  const others = [
    'usr/share/doc',
    'usr/share/locale/de/x',
    documentation,
    pages,
    'usr/share/slipway/lock.json',
    'var/cache/ldconfig/aux-cache',
  ];
  t.deepEqual(others.filter(counts), []);
});

/** Arguments -> whether documentation and manual pages count. */
const argumentTable: readonly (readonly [readonly string[], boolean, boolean])[] = [
  [['--install', `/${documentation}`], true, false],
  [['--install', '/usr/bin/ls /usr/share/doc/x'], true, false],
  [[`--include=/${documentation}`, '/x'], true, false],
  [['--include', '/usr/share/kbd/../doc', '/x'], true, false],
  [['--install', 'usr/share/doc/x'], true, false],
  [['--include', '/usr/share', '/x'], true, true],
  [['--include', '/', '/x'], true, true],
  [['--install', '/usr/share/do*/kbd/*'], true, true],
  [['--install', '/usr/share/doc*/kbd/*'], true, true],
  [['--install', '$datadir/doc/x'], true, true],
  [['--install', '/usr/lib/firmware/*'], false, false],
  [['--kernel-cmdline', 'root=/dev/vda1'], false, false],
  [['--conf', '/etc/other.conf'], true, true],
  [['--add-confdir=rescue'], true, true],
];

for (const [words, counted, allCounted] of argumentTable) {
  test(`initramfsInputs() reads the arguments ${words.join(' ')}`, (t) => {
    const counts = initramfsInputs('/nowhere', words);
    t.deepEqual([counts(documentation), counts(pages)], [counted, allCounted]);
  });
}

test('initramfsInputs() reads the configuration and the modules of dracut', async (t) => {
  const folder = await tree(t, {
    'etc/dracut.conf': '# install_items+=" /usr/share/info/x "\nprefix="/"\n',
    'etc/dracut.conf.d/a.conf': `install_items+=" /${documentation} "\n`,
    'etc/dracut.conf.d/a.conf.rpmsave': 'install_items+=" /usr/share/info/x "\n',
    'usr/lib/dracut/dracut.conf.d/b.conf': 'install_items+=" /usr/share/licenses/x "\n',
    'usr/lib/dracut/modules.d/99help/module-setup.sh': 'install() {\n  inst_simple /usr/share/man/man8/help.8\n}\n',
  });
  const counts = initramfsInputs(folder, []);
  t.deepEqual([documentation, 'usr/share/licenses/x', pages, 'usr/share/info/x', 'usr/share/locale/de/x'].map(counts), [
    true,
    true,
    true,
    false,
    false,
  ]);
  await symlink('/etc/elsewhere', join(folder, 'etc/dracut.conf.d/link.conf'));
  t.true(
    initramfsInputs(folder, [])('usr/share/locale/de/x'),
    'a link may lead to a configuration that names anything',
  );
});
