import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { foldUpper } from '../../../compose/rootfs/fold.ts';
import { listExtendedAttributes, setExtendedAttribute } from '../../../lib/extended-attributes.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { differenceOf } from './steps/tree-difference.ts';

test('foldUpper() replaces, adds and removes what the upper layer says', async (t) => {
  const folder = await temporaryFolder(t);
  const [upper, target] = [join(folder, 'upper'), join(folder, 'target')];
  for (const each of [upper, target]) mkdirSync(join(each, 'd'), { recursive: true });
  writeFileSync(join(target, 'd/changed'), 'old');
  writeFileSync(join(target, 'd/kept'), '');
  writeFileSync(join(upper, 'd/changed'), 'new');
  writeFileSync(join(upper, 'd/added'), '');
  t.deepEqual(await differenceOf(target, () => foldUpper(upper, target)), {
    added: ['d/added'],
    removed: [],
    changed: ['d/changed'],
  });
});

test('foldUpper() leaves pipes and sockets behind, and what they replaced is gone', async (t) => {
  const folder = await temporaryFolder(t);
  const [upper, target] = [join(folder, 'upper'), join(folder, 'target')];
  mkdirSync(upper);
  mkdirSync(join(target, 'folder/below'), { recursive: true });
  for (const name of ['file', 'folder/below/file']) writeFileSync(join(target, name), '');
  await run(['mkfifo', ...['new', 'file', 'folder'].map((name) => join(upper, name))]);
  foldUpper(upper, target);
  t.deepEqual(readdirSync(target), []);
});

test('foldUpper() keeps only the extended attributes that belong to a file', async (t) => {
  const folder = await temporaryFolder(t);
  const [upper, target] = [join(folder, 'upper'), join(folder, 'target')];
  for (const each of [upper, target]) mkdirSync(join(each, 'd'), { recursive: true });
  writeFileSync(join(upper, 'd/file'), '');
  for (const path of ['d', 'd/file']) {
    for (const name of ['user.note', 'user.pax.flags', 'user.overlay.origin']) {
      setExtendedAttribute(join(upper, path), name, Buffer.from('x'));
    }
  }
  // An access control list of one user more: version 2, then tag, permissions and id of each entry (linux/posix_acl_xattr.h).
  const entries = [
    [1, 6, 0xffff_ffff],
    [2, 4, 7],
    [4, 4, 0xffff_ffff],
    [16, 4, 0xffff_ffff],
    [32, 4, 0xffff_ffff],
  ];
  const list = Buffer.alloc(4 + entries.length * 8);
  list.writeUInt32LE(2, 0);
  for (const [index, [tag = 0, permissions = 0, id = 0]] of entries.entries()) {
    list.writeUInt16LE(tag, 4 + index * 8);
    list.writeUInt16LE(permissions, 6 + index * 8);
    list.writeUInt32LE(id, 8 + index * 8);
  }
  setExtendedAttribute(join(upper, 'd/file'), 'system.posix_acl_access', list);
  setExtendedAttribute(join(target, 'd'), 'user.old', Buffer.from('x'));
  foldUpper(upper, target);
  const names = (path: string): string[] =>
    listExtendedAttributes(join(target, path)).filter((name) => name !== 'security.selinux');
  t.deepEqual(names('d'), ['user.pax.flags']);
  t.deepEqual(names('d/file'), ['user.pax.flags']);
  t.is((await run(['stat', '--format=%a', join(target, 'd/file')])).stdout, '644\n');
});
