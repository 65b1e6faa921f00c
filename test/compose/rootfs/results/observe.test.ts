import test from 'ava';
import type { TreeEntry } from '../../../../compose/rootfs/results/entry.ts';
import type { LowerTree } from '../../../../compose/rootfs/results/lower-tree.ts';
import { parentOf } from '../../../../compose/rootfs/results/lower-tree.ts';
import { firstDifference, observe, placesOf } from '../../../../compose/rootfs/results/observe.ts';
import { treeView } from '../../../../compose/rootfs/results/tree-view.ts';
import type { UpperLayer } from '../../../../compose/rootfs/results/upper-layer.ts';
import { directory, file, link } from './support/entries.ts';

const checkout: Readonly<Record<string, TreeEntry>> = {
  '': directory,
  usr: directory,
  'usr/bin': directory,
  'usr/bin/sh': file('sh'),
  'usr/lib': directory,
  'usr/lib/d': directory,
  'usr/lib/d/one': file('one'),
  'usr/lib/d/two': file('two'),
  bin: link('usr/bin'),
  etc: directory,
  'etc/self': link('self'),
  'etc/shell': link('../bin/sh'),
  'etc/far': link('/usr/lib'),
};

const lower: LowerTree = {
  entry(path) {
    const found = checkout[path];
    if (found !== undefined) return found;
    return { type: lower.entry(parentOf(path)).type === 'directory' ? 'absent' : 'detached' };
  },
  names: (path) =>
    new Map(
      Object.entries(checkout)
        .filter(([each]) => each !== '' && parentOf(each) === path)
        .map(([each, { type }]) => [each.slice(path === '' ? 0 : path.length + 1), type]),
    ),
};

const plain: UpperLayer = new Map();

for (const [path, places] of [
  ['/usr/bin/sh', ['usr/bin/sh']],
  ['/bin/sh', ['bin', 'usr/bin/sh']],
  ['/etc/shell', ['etc/shell', 'bin', 'usr/bin/sh']],
  ['/etc/far/../bin/./sh', ['etc/far', 'usr/bin/sh']],
  ['/usr/bin', ['usr/bin']],
  ['/', ['']],
  ['/../..', ['']],
  ['/usr/share/doc/x', ['usr/share']],
  ['/usr/bin/sh/x', ['usr/bin/sh']],
  ['/proc/self/fd', []],
  ['/var/tmp/x', ['var']],
  ['/tmp/made/../../etc/shell', ['etc/shell', 'bin', 'usr/bin/sh']],
] as const) {
  test(`placesOf() follows ${path}`, (t) => {
    t.deepEqual(placesOf(path, treeView(lower, plain)), places);
  });
}

test('placesOf() ends in a loop of links', (t) => {
  t.is(placesOf('/etc/self', treeView(lower, plain)).at(-1), 'etc/self');
});

const upper = (entries: Readonly<Record<string, TreeEntry>>, opaque: readonly string[] = []): UpperLayer =>
  new Map(Object.entries(entries).map(([path, entry]) => [path, { entry, opaque: opaque.includes(path) }]));

for (const [title, layer, names] of [
  ['the checkout alone', plain, ['one', 'two']],
  ['a new file', upper({ 'usr/lib/d': directory, 'usr/lib/d/new': file('n') }), ['new', 'one', 'two']],
  ['a removed file', upper({ 'usr/lib/d': directory, 'usr/lib/d/one': { type: 'absent' } }), ['two']],
  ['a directory made anew', upper({ 'usr/lib/d': directory, 'usr/lib/d/x': file('x') }, ['usr/lib/d']), ['x']],
  ['a file in place of the directory', upper({ 'usr/lib/d': file('f') }), []],
  ['a removed parent', upper({ 'usr/lib': { type: 'absent' } }), []],
] as const) {
  test(`treeView() lists ${title}`, (t) => {
    t.deepEqual([...treeView(lower, layer).names('usr/lib/d').keys()], names);
  });
}

test('treeView() tells what is gone from what never could be', (t) => {
  const view = treeView(lower, upper({ 'usr/lib': directory, 'usr/lib/d': directory }, ['usr/lib/d']));
  t.is(view.entry('usr/lib/d/one').type, 'absent');
  t.is(treeView(lower, upper({ 'usr/lib/d': file('f') })).entry('usr/lib/d/one').type, 'detached');
  t.is(view.entry('usr/lib/nothing').type, 'absent');
  t.is(view.entry('usr/bin/sh').type, 'file');
});

const views = { before: treeView(lower, plain), after: treeView(lower, upper({ 'etc/new': link('/usr/lib/d') })) };
const seen = observe({ paths: ['/bin/sh', '/etc/new/one', '/etc/nothing'], listed: ['/usr/lib/d'] }, views);

test('observe() gives the state before the run, also behind links that the run made', (t) => {
  t.deepEqual(seen.entries, [
    ['', 'directory 755 0:0'],
    ['bin', 'link 777 0:0 usr/bin'],
    ['etc', 'directory 755 0:0'],
    ['etc/new', 'absent'],
    ['etc/nothing', 'absent'],
    ['usr', 'directory 755 0:0'],
    ['usr/bin', 'directory 755 0:0'],
    ['usr/bin/sh', 'file 644 0:0 sh'],
    ['usr/lib', 'directory 755 0:0'],
    ['usr/lib/d', 'directory 755 0:0'],
    ['usr/lib/d/one', 'file 644 0:0 one'],
  ]);
  t.deepEqual(
    seen.listings.map(([path]) => path),
    ['usr/lib/d'],
  );
});

for (const [title, layer, different] of [
  ['nothing changed', plain, null],
  ['something else changed', upper({ 'usr/lib/other': file('o') }), null],
  ['other content', upper({ 'usr/bin/sh': file('newer') }), 'usr/bin/sh'],
  ['another mode', upper({ 'usr/bin/sh': { ...file('sh'), mode: 0o755 } }), 'usr/bin/sh'],
  ['a file that was looked for in vain', upper({ 'etc/nothing': file('x') }), 'etc/nothing'],
  ['another link on the way', upper({ bin: link('usr/sbin') }), 'bin'],
  ['one name more', upper({ 'usr/lib/d/three': file('3') }), 'usr/lib/d'],
  ['another type of a name', upper({ 'usr/lib/d': directory, 'usr/lib/d/two': link('one') }), 'usr/lib/d'],
  ['a link above the place', upper({ 'usr/lib': link('lib64') }), 'usr/lib'],
  ['a folder whose group new files get', upper({ etc: { ...directory, mode: 0o2755, gid: 5 } }), 'etc'],
] as const) {
  test(`firstDifference() sees ${title}`, (t) => {
    t.is(firstDifference(seen, treeView(lower, layer)), different);
  });
}
