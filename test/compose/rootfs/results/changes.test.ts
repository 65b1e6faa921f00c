import { lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { applyChanges, type Change, changedLayer, changesBetween } from '../../../../compose/rootfs/results/changes.ts';
import { describeEntry, type TreeEntry } from '../../../../compose/rootfs/results/entry.ts';
import { lowerTree } from '../../../../compose/rootfs/results/lower-tree.ts';
import { treeView } from '../../../../compose/rootfs/results/tree-view.ts';
import type { UpperLayer } from '../../../../compose/rootfs/results/upper-layer.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { directory, file, link } from './support/entries.ts';

const gone: TreeEntry = { type: 'absent' };

function upper(entries: Readonly<Record<string, TreeEntry>>, opaque: readonly string[] = []): UpperLayer {
  return new Map(Object.entries(entries).map(([path, entry]) => [path, { entry, opaque: opaque.includes(path) }]));
}

const nothing = upper({});
const d = { 'usr/d': directory };

/** Over a checkout with usr/d/old and usr/d/sub/deep. */
const table: readonly (readonly [title: string, before: UpperLayer, after: UpperLayer, changes: readonly string[]])[] =
  [
    ['nothing', nothing, nothing, []],
    ['a folder that was only opened for writing', nothing, upper(d), []],
    ['a new file', nothing, upper({ ...d, 'usr/d/new': file('n') }), ['usr/d/new']],
    ['a file changed twice', upper({ ...d, 'usr/d/x': file('1') }), upper({ ...d, 'usr/d/x': file('2') }), ['usr/d/x']],
    ['a removed file', nothing, upper({ ...d, 'usr/d/old': gone }), ['usr/d/old gone']],
    ['a removed folder', nothing, upper({ usr: directory, 'usr/d': gone }), ['usr/d gone']],
    [
      'a folder made anew, with what is in it',
      nothing,
      upper({ ...d, 'usr/d/old': file('same') }, ['usr/d']),
      ['usr/d emptied', 'usr/d/old'],
    ],
    [
      'what was new before and went with its folder',
      upper({ ...d, 'usr/d/x': file('x') }),
      upper({ usr: directory, 'usr/d': gone }),
      ['usr/d gone'],
    ],
    ['another mode of a folder', nothing, upper({ 'usr/d': { ...directory, mode: 0o700 } }), ['usr/d']],
  ];

for (const [title, before, after, expected] of table) {
  test(`changesBetween() sees ${title}, and changedLayer() makes the same layer of it`, async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(join(folder, 'usr/d/sub'), { recursive: true });
    writeFileSync(join(folder, 'usr/d/old'), 'old');
    writeFileSync(join(folder, 'usr/d/sub/deep'), 'deep');
    const lower = lowerTree(folder, new Map());
    const changes = changesBetween(lower, before, after);
    t.deepEqual(
      changes.map(({ path, entry, emptied }) =>
        [path, ...(entry.type === 'absent' ? ['gone'] : []), ...(emptied ? ['emptied'] : [])].join(' '),
      ),
      expected,
    );
    const made = treeView(lower, changedLayer(before, changes));
    const wanted = treeView(lower, after);
    for (const path of ['usr', 'usr/d', 'usr/d/old', 'usr/d/new', 'usr/d/x', 'usr/d/sub', 'usr/d/sub/deep']) {
      t.is(describeEntry(made.entry(path)), describeEntry(wanted.entry(path)), path);
    }
    t.deepEqual(made.names('usr/d'), wanted.names('usr/d'));
  });
}

test('applyChanges() makes files, folders and links with their modes, and never writes through a link', async (t) => {
  const folder = await temporaryFolder(t);
  const root = join(folder, 'root');
  await mkdir(join(root, 'full/of/things'), { recursive: true });
  writeFileSync(join(folder, 'outside'), 'outside');
  symlinkSync(join(folder, 'outside'), join(root, 'was-link'));
  writeFileSync(join(root, 'gone'), 'g');
  const changes: readonly Change[] = [
    { path: 'dir', entry: { ...directory, mode: 0o2750 }, emptied: false },
    { path: 'dir/file', entry: { ...file('content'), mode: 0o4755 }, emptied: false },
    { path: 'full', entry: directory, emptied: true },
    { path: 'gone', entry: gone, emptied: false },
    { path: 'link', entry: link('dir/file'), emptied: false },
    { path: 'was-link', entry: file('content'), emptied: false },
  ];
  applyChanges(root, changes, (digest) => Buffer.from(`${digest}\n`));
  t.is(readFileSync(join(root, 'dir/file'), 'utf8'), 'content\n');
  t.is(lstatSync(join(root, 'dir/file')).mode & 0o7777, 0o4755);
  t.is(lstatSync(join(root, 'dir')).mode & 0o7777, 0o2750);
  t.deepEqual(readdirSync(join(root, 'full')), []);
  t.is(readlinkSync(join(root, 'link')), 'dir/file');
  t.deepEqual(readdirSync(root).sort(), ['dir', 'full', 'link', 'was-link']);
  t.is(readFileSync(join(folder, 'outside'), 'utf8'), 'outside');
});
