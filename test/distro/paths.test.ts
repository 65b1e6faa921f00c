import test from 'ava';
import { isBaseLayout, isSelfLink, mapLinkTarget, mapPath, pathOfEntry } from './convert/paths.ts';

const paths: readonly [path: string, expected: string][] = [
  ['/bin/ls', '/usr/bin/ls'],
  ['/sbin/ip', '/usr/sbin/ip'],
  ['/lib/x86_64-linux-gnu/libc.so.6', '/usr/lib/x86_64-linux-gnu/libc.so.6'],
  ['/lib64/ld-linux-x86-64.so.2', '/usr/lib64/ld-linux-x86-64.so.2'],
  ['/usr/bin/env', '/usr/bin/env'],
  ['/library/x', '/library/x'],
  ['/boot/vmlinuz-6.12.1+deb13-cloud-amd64', '/usr/lib/modules/6.12.1+deb13-cloud-amd64/vmlinuz'],
  ['/boot/System.map-6.12.1', '/usr/lib/modules/6.12.1/System.map'],
  ['/boot/other', '/boot/other'],
];
for (const [path, expected] of paths) {
  test(`mapPath() puts ${path} at ${expected}`, (t) => {
    t.is(mapPath(path), expected);
  });
}

const links: readonly [oldPath: string, newPath: string, target: string, expected: string][] = [
  ['/usr/bin/a', '/usr/bin/a', 'b', 'b'],
  ['/usr/bin/a', '/usr/bin/a', '/bin/b', '/usr/bin/b'],
  ['/bin/a', '/usr/bin/a', '../lib/b', '../lib/b'],
  ['/lib/x/liba.so', '/usr/lib/x/liba.so', '../../usr/lib/b.so', '../b.so'],
  ['/sbin/a', '/usr/sbin/a', '../etc/b', '../../etc/b'],
];
for (const [oldPath, newPath, target, expected] of links) {
  test(`mapLinkTarget() turns ${oldPath} -> ${target} into ${expected}`, (t) => {
    t.is(mapLinkTarget(oldPath, newPath, target), expected);
  });
}

test('isSelfLink() finds links that the merge of /usr turned on themselves', (t) => {
  t.true(isSelfLink('/usr/bin/a', '/usr/bin/a'));
  t.true(isSelfLink('/usr/bin/a', 'a'));
  t.false(isSelfLink('/usr/bin/a', '../sbin/a'));
});

test('pathOfEntry() makes absolute paths of the names in a tar', (t) => {
  t.is(pathOfEntry('./usr/bin/env'), '/usr/bin/env');
  t.is(pathOfEntry('.'), '/');
  t.is(pathOfEntry('./etc/.pwd.lock'), '/etc/.pwd.lock');
});

test('isBaseLayout() keeps directories of `filesystem` out of other packages', (t) => {
  for (const path of ['/', '/usr', '/usr/bin', '/var/lib', '/lib64', '/var/run/x']) t.true(isBaseLayout(path), path);
  for (const path of ['/usr/bin/env', '/var/lib/dbus', '/etc/ssh', '/var/runner']) t.false(isBaseLayout(path), path);
});
