// Rules of the whole checkout: who may import whom, how long a module may be, and that nothing belongs to one machine.

import { existsSync, statSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { loadTreefile } from '../compose/treefile/load.ts';
import { externalLibraries, externalTools, otherPackages } from '../lib/tools.ts';
import manifest from '../package.json' with { type: 'json' };
import { checkout, importsOf, read, sourceFiles } from './support/source-files.ts';
import { tree } from './support/temporary.ts';

const files = sourceFiles().filter(
  (path) => existsSync(join(checkout, path)) && statSync(join(checkout, path)).isFile(),
);
const modules = files.filter((path) => path.endsWith('.ts'));
const productModules = modules.filter((path) => !path.startsWith('test/'));

/** Folder -> folders that it may import, besides itself. */
const allowedImports: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  compose: ['lib'],
  images: ['lib', 'compose'],
  qemu: ['lib', 'compose', 'images'],
  'host-agent': ['lib'],
  cli: ['lib', 'compose', 'images', 'qemu', 'host-agent'],
};

const maximumLines = 350;

test('folders import one way: cli -> qemu -> images -> compose -> lib, host-agent -> lib', (t) => {
  const wrong = productModules.flatMap((path) => {
    const folder = path.split('/')[0]!;
    return importsOf(path)
      .filter((found) => found.path !== null)
      .map((found) => found.path!.split('/')[0]!)
      .filter((target) => target !== folder && target !== 'package.json' && !allowedImports[folder]?.includes(target))
      .map((target) => `${path} imports ${target}/`);
  });
  t.deepEqual(wrong, []);
});

test('every import of ours names a file that exists', (t) => {
  const wrong = modules.flatMap((path) =>
    importsOf(path)
      .filter((found) => found.path !== null && !existsSync(join(checkout, found.path)))
      .map((found) => `${path} imports ${found.specifier}`),
  );
  t.deepEqual(wrong, []);
});

test('the host agent needs no npm package, not even by way of lib/', (t) => {
  const agent = productModules.filter(
    (path) => path.startsWith('host-agent/') && !path.startsWith('host-agent/package/'),
  );
  const reached = new Set<string>();
  const queue = [...agent];
  const packages: string[] = [];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const found of importsOf(path)) {
      if (found.line.startsWith('import type') || found.line.startsWith('export type')) continue;
      if (found.path === null && !found.specifier.startsWith('node:'))
        packages.push(`${path} imports ${found.specifier}`);
      if (found.path?.endsWith('.ts')) queue.push(found.path);
    }
  }
  t.true(agent.length > 0);
  t.deepEqual(packages, []);
});

test(`no module has more than ${maximumLines} lines`, (t) => {
  const long = modules
    .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
    .filter(({ lines }) => lines > maximumLines);
  t.deepEqual(long, []);
});

test('every module begins with a comment that says its job', (t) => {
  const silent = productModules.filter((path) => !/^(#!.*\n)?\/\/ \S/.test(read(path)));
  t.deepEqual(silent, []);
});

test('no module leaves work for later, skips tests or escapes the types', (t) => {
  const marks =
    /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck|expect-error)|\btest\.(skip|only|todo|failing)\(|: any\b|\bas any\b/;
  // Tests may hold such words as text.
  const wrong = modules.flatMap((path) =>
    read(path)
      .split('\n')
      .map((line, index) => ({
        place: `${path}:${index + 1}`,
        line: line.replaceAll(/'[^']*'|`[^`]*`|\/.*\/[gimsu]*/g, ''),
      }))
      .filter(({ line }) => marks.test(line))
      .map(({ place, line }) => `${place}: ${line.trim()}`),
  );
  t.deepEqual(
    wrong.filter((line) => !line.startsWith('test/repo.test.ts')),
    [],
  );
});

test('nothing names a place of one machine or the host of a package registry', (t) => {
  const machine = [['', 'work', ''].join('/'), ['', 'var', 'tmp', 'proto'].join('/'), ['', 'root', '.cache'].join('/')];
  const registries = [
    ['registry', 'npmjs'].join('.'),
    ['registry', 'yarnpkg'].join('.'),
    ['deb', 'debian', 'org'].join('.'),
  ];
  const text = files.filter((path) => !/\.(png|rpm|gz|xz|zst|solv|bin)$/.test(path));
  const wrong = text.flatMap((path) =>
    [...machine, ...registries].filter((word) => read(path).includes(word)).map((word) => `${path} names ${word}`),
  );
  t.deepEqual(wrong, []);
});

test('what works on a tree finds its paths with lib/in-tree.ts, which no link leads out', (t) => {
  const bare = /\bjoin\((?:root|tree|merged)\b/;
  const wrong = productModules
    .filter((path) => path.startsWith('compose/rootfs/') || path === 'compose/labels.ts')
    .flatMap((path) =>
      read(path)
        .split('\n')
        .map((line, index) => ({ place: `${path}:${index + 1}`, line })),
    )
    .filter(({ line }) => bare.test(line))
    .map(({ place, line }) => `${place}: ${line.trim()}`);
  t.deepEqual(wrong, []);
});

test('every npm dependency of the product says where it is imported why it is needed', (t) => {
  const names = Object.keys(manifest.dependencies);
  const silent = names.filter((name) => {
    const lines = productModules.flatMap((path) => importsOf(path).filter((found) => found.specifier === name));
    return !lines.some((found) => / \/\/ \S/.test(found.line));
  });
  t.deepEqual(silent, []);
});

test('every npm package that the product imports is a dependency', (t) => {
  // Its own name stands for what it exports, as in the files of other people.
  const known = [manifest.name, ...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
  const wrong = modules.flatMap((path) =>
    importsOf(path)
      .filter((found) => found.path === null && !found.specifier.startsWith('node:'))
      .map((found) =>
        found.specifier
          .split('/')
          .slice(0, found.specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      )
      .filter((name) => !known.includes(name))
      .map((name) => `${path} imports ${name}`),
  );
  t.deepEqual(wrong, []);
});

for (const [family, column] of [
  ['debian', 'debian'],
  ['fedora', 'fedora'],
] as const) {
  test(`./slipway installs the ${family} packages of lib/tools.ts`, (t) => {
    const listed = new RegExp(`^${family}_packages="([^"]*)"`, 'm').exec(read('slipway'))?.[1]?.trim().split(/\s+/);
    const needed = [...externalTools, ...externalLibraries, ...otherPackages].flatMap((row) => row[column].split(' '));
    t.deepEqual(listed, [...new Set(needed)].sort());
  });
}

test('./slipway and .ci/run can be executed', (t) => {
  for (const path of ['slipway', '.ci/run']) t.is(statSync(join(checkout, path)).mode & 0o111, 0o111, path);
});

test('every whole treefile in the documents loads without a warning', async (t) => {
  const blocks = files
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...read(path).matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map((match) => ({ path, text: match[1]! })),
    )
    // Without a ref it is a part, which test/compose/treefile/reference.test.ts looks at.
    .filter(({ text }) => /^ref:/m.test(text));
  t.true(blocks.some(({ path }) => path === 'README.md'));
  for (const { path, text } of blocks) {
    // The files that the examples speak of.
    const folder = await tree(t, { 'host.yaml': text, motd: '', 'fedora.repo': '[fedora]\nbaseurl=file:///rpms\n' });
    await symlink(join(checkout, 'treefiles'), join(folder, 'treefiles'));
    const { warnings } = await loadTreefile(join(folder, 'host.yaml'));
    t.deepEqual(warnings, [], path);
  }
});

test('every link of the documents to a file of the checkout leads somewhere', (t) => {
  const wrong = files
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...read(path).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1]!)
        .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(checkout, path, '..', target)))
        .map((target) => `${path} links to ${target}`),
    );
  t.deepEqual(wrong, []);
});
