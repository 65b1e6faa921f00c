import test from 'ava';
import { assignLayers, type Layer } from '../../../images/oci/layers.ts';
import type { FileOwner } from '../../../images/oci/owners.ts';
import type { TreeEntry } from '../../../images/oci/tree.ts';
import { mebibyte } from '../../../images/size.ts';
import { UserError } from '../../../lib/errors.ts';

interface Tree {
  readonly entries: TreeEntry[];
  readonly owners: Map<string, FileOwner>;
}

/** A tree of one file for each package, `usr/share/NAME`, and files of no package. */
function treeOf(sizes: Readonly<Record<string, number>>, unowned: readonly string[] = []): Tree {
  const entry = (path: string, type: TreeEntry['type'], size = 0): TreeEntry => ({
    ...{ path, type, size, mode: 0o755, uid: 0, gid: 0, target: '', offset: 0, object: '', xattrs: new Map() },
  });
  const files = Object.entries(sizes).map(([name, size]) => entry(`usr/share/${name}`, 'file', size));
  const others = unowned.map((path) => entry(path, 'file'));
  const folders = new Set<string>();
  for (const { path } of [...files, ...others]) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at));
  }
  const entries = [...[...folders].map((path) => entry(path, 'directory')), ...files, ...others];
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  const owners = new Map(
    Object.keys(sizes).map((name) => [`usr/share/${name}`, { component: name, linkGroup: `${name} 1 1` }]),
  );
  return { entries, owners };
}

function layers({ entries, owners }: Tree, limit = 64): Layer[] {
  return assignLayers(entries, owners, limit);
}

/** Package -> name of its layer. */
function placesOf(made: readonly Layer[]): Map<string, string> {
  return new Map(made.flatMap((layer) => layer.components.map((component) => [component, layer.name] as const)));
}

const manyPackages = Object.fromEntries(
  Array.from({ length: 300 }, (_, number) => [`package-${number}`, number < 120 ? (number + 1) * mebibyte : 5000]),
);

test('assignLayers() gives a large package a layer, lets small ones share, puts generated files last', (t) => {
  const tree = treeOf({ glibc: 9 * mebibyte, zlib: 1000, bash: 2 * mebibyte }, [
    'usr/lib/modules/6.1/initramfs.img',
    'usr/share/rpm/rpmdb.sqlite',
    'etc/ld.so.cache',
  ]);
  t.deepEqual(
    layers(tree).map(({ name, components, entries }) => [name, components, entries.map((entry) => entry.path)]),
    [
      ['bash', ['bash'], ['usr', 'usr/share', 'usr/share/bash']],
      ['glibc', ['glibc'], ['usr', 'usr/share', 'usr/share/glibc']],
      ['small packages 08', ['zlib'], ['usr', 'usr/share', 'usr/share/zlib']],
      [
        'initramfs image',
        [],
        ['usr', 'usr/lib', 'usr/lib/modules', 'usr/lib/modules/6.1', 'usr/lib/modules/6.1/initramfs.img'],
      ],
      ['generated files', [], ['etc', 'etc/ld.so.cache']],
      ['package database', [], ['usr', 'usr/share', 'usr/share/rpm', 'usr/share/rpm/rpmdb.sqlite']],
    ],
  );
});

for (const limit of [8, 20, 64, 120]) {
  test(`assignLayers() makes no more than ${limit} layers when that is the limit, and loses no file`, (t) => {
    const tree = treeOf(manyPackages, ['usr/lib/modules/6.1/initramfs.img', 'usr/share/rpm/rpmdb.sqlite', 'etc/x']);
    const made = layers(tree, limit);
    t.true(made.length <= limit && made.length > limit / 2);
    const files = made.flatMap((layer) => layer.entries.filter((entry) => entry.type === 'file'));
    t.is(files.length, new Set(files).size, 'no file lies in two layers');
    t.is(files.length, tree.entries.filter((entry) => entry.type === 'file').length);
  });
}

test('assignLayers() does not depend on the order of owners', (t) => {
  const { entries, owners } = treeOf(manyPackages);
  t.deepEqual(layers({ entries, owners: new Map([...owners].reverse()) }), layers({ entries, owners }));
});

test('assignLayers() moves no package when one that is small comes or goes', (t) => {
  const before = placesOf(layers(treeOf(manyPackages)));
  const after = placesOf(layers(treeOf({ ...manyPackages, newcomer: 700 })));
  t.regex(after.get('newcomer') ?? '', /^small packages \d\d$/);
  for (const [component, name] of before) t.is(after.get(component), name);
});

test('assignLayers() moves no package when all of them grow a little', (t) => {
  const grown = Object.fromEntries(Object.entries(manyPackages).map(([name, size]) => [name, size + 5000]));
  t.deepEqual(placesOf(layers(treeOf(grown))), placesOf(layers(treeOf(manyPackages))));
});

test('assignLayers() moves at most one other package when one comes that is large', (t) => {
  const before = placesOf(layers(treeOf(manyPackages)));
  const after = placesOf(layers(treeOf({ ...manyPackages, newcomer: 500 * mebibyte })));
  t.is(after.get('newcomer'), 'newcomer');
  t.is([...before].filter(([component, name]) => after.get(component) !== name).length, 1);
});

test('assignLayers() keeps an empty folder in the layer of its package', (t) => {
  const tree = treeOf({ bash: 10 });
  const folder: TreeEntry = { ...tree.entries[0]!, path: 'usr/share/empty', type: 'directory' };
  const owners = new Map([...tree.owners, ['usr/share/empty', { component: 'filesystem', linkGroup: '' }] as const]);
  const made = layers({ entries: [...tree.entries, folder], owners });
  const holder = made.find((layer) => layer.components.includes('filesystem'));
  t.deepEqual(
    holder?.entries.map((entry) => entry.path),
    ['usr', 'usr/share', 'usr/share/empty'],
  );
});

for (const limit of [7, 121, 10.5, Number.NaN]) {
  test(`assignLayers() refuses ${limit} layers`, (t) => {
    const error = t.throws(() => layers(treeOf({ bash: 1 }), limit), { instanceOf: UserError });
    t.deepEqual(
      [error.code, error.message, error.hint],
      ['option-invalid', `${limit} cannot be the largest number of layers`, 'give a whole number from 8 to 120'],
    );
  });
}
