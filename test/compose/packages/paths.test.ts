import test from 'ava';
import { checkPaths } from '../../../compose/packages/outside.ts';
import { isOutside, shippedPath, treePath } from '../../../compose/packages/paths.ts';
import { UserError } from '../../../lib/errors.ts';
import type { RpmFileEntry } from '../../../lib/rpm/files.ts';

/** Path in a package, in the tree, in the commit (null: not shipped, it belongs to the machine). */
const cases: readonly (readonly [packaged: string, inTree: string, shipped: string | null])[] = [
  ['/usr/bin/a', '/usr/bin/a', '/usr/bin/a'],
  ['/bin/sh', '/usr/bin/sh', '/usr/bin/sh'],
  ['/sbin/x', '/usr/sbin/x', '/usr/sbin/x'],
  ['/lib/firmware/x', '/usr/lib/firmware/x', '/usr/lib/firmware/x'],
  ['/lib64/a/b', '/usr/lib64/a/b', '/usr/lib64/a/b'],
  ['/lib', '/lib', '/lib'],
  ['/etc/hosts', '/etc/hosts', '/usr/etc/hosts'],
  ['/boot/efi/EFI/x/grubx64.efi', '/boot/efi/EFI/x/grubx64.efi', '/usr/lib/ostree-boot/efi/EFI/x/grubx64.efi'],
  ['/opt/app/x', '/opt/app/x', '/usr/lib/opt/app/x'],
  ['/var/lib/alternatives/java', '/var/lib/alternatives/java', '/usr/lib/alternatives/java'],
  ['/var/lib/vagrant/x', '/var/lib/vagrant/x', '/usr/lib/vagrant/x'],
  ['/var/lib/x', '/var/lib/x', null],
  ['/var/run', '/var/run', null],
  ['/var/run/x', '/run/x', null],
  ['/var/lock/x', '/run/lock/x', null],
  ['/run/x', '/run/x', null],
  ['/root/.bashrc', '/root/.bashrc', null],
];

test('treePath() and shippedPath() follow the table of path rules, and leave the links of the usr merge', (t) => {
  for (const [packaged, inTree, shipped] of cases) {
    t.is(treePath(packaged), inTree, packaged);
    t.is(shippedPath(packaged), shipped, packaged);
    t.false(isOutside(packaged), packaged);
  }
});

test('isOutside() is true where a host has no place for a file', (t) => {
  for (const path of ['/data', '/data/x', '/libx/a', '/usrx', '/usr/../data']) t.true(isOutside(path), path);
  for (const path of ['/', '/usr', '/srv', '/boot']) t.false(isOutside(path), path);
});

test('checkPaths() names every package that brings files there, except those that bring the root itself', (t) => {
  const owner = (name: string, ...paths: string[]): Parameters<typeof checkPaths>[0][number] => ({
    ...{ name, nevra: `${name}-1-1.noarch` },
    files: paths.map((path) => ({ path }) as RpmFileEntry),
  });
  t.notThrows(() => checkPaths([owner('filesystem', '/afs'), owner('rootfiles', '/.x'), owner('a', '/usr/a')]));
  const error = t.throws(() => checkPaths([owner('a', '/usr/a', '/data/x', '/data/y'), owner('b', '/srvx')]), {
    instanceOf: UserError,
  });
  t.is(error?.code, 'path-outside');
  t.deepEqual(error?.message.split('\n'), [
    'a-1-1.noarch brings /data/x (and 1 more paths), where an OSTree host has no place for it',
    'b-1-1.noarch brings /srvx, where an OSTree host has no place for it',
  ]);
});
