import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { diffTreefiles, formatChanges } from '../../../compose/treefile/diff.ts';
import type { FlatTreefile } from '../../../compose/treefile/flatten.ts';
import { readTree } from './read-tree.ts';

type Files = Readonly<Record<string, string>>;

async function changes(t: ExecutionContext, before: Files, after: Files): Promise<string> {
  const [old, now] = [await readTree(t, before), await readTree(t, after)];
  t.is(old.problems + now.problems, '');
  return formatChanges(await diffTreefiles(old.flat!, now.flat!));
}

test('two treefiles are compared after merging', async (t) => {
  const before = {
    'a.yaml': 'ref: a\npackages: [x, y]\nunits: [a.service, b.service]\nmetadata: {k: 1, gone: 2}\nselinux: true\n',
  };
  const after = {
    'b.yaml': 'include: c.yaml\nref: b\npackages: [y]\nunits: [b.service, a.service]\nmetadata: {k: 2}\n',
    'c.yaml': 'packages: [z]\n',
  };
  t.is(await changes(t, before, before), '');
  t.deepEqual((await changes(t, before, after)).split('\n').toSorted(), [
    '  + 2',
    '  + b',
    '  + z',
    '  - 1',
    '  - 2',
    '  - a',
    '  - x',
    '  the same items in another order',
    'metadata.gone',
    'metadata.k',
    'packages',
    'ref',
    'units',
  ]);
});

const scripted = 'postprocess: [echo $SLIPWAY_VAR_s]';
const cases: readonly [title: string, before: string, after: string, lines: readonly string[]][] = [
  ['an item that is listed twice', 'units: [a.x, b.x, a.x]', 'units: [a.x, b.x]', ['units', '  - a.x']],
  [
    'the order of what is in both',
    'units: [a.x, b.x, c.x]',
    'units: [b.x, a.x, d.x]',
    ['units', '  - c.x', '  + d.x', '  the other items in another order'],
  ],
  ['no order of a set', 'packages: [b, a]', 'packages: [a, b, b]', []],
  ['repovars', 'repovars: {mirror: a}', 'repovars: {mirror: b}', ['repovars.mirror', '  - a', '  + b']],
  [
    'variables that a script reads',
    `variables: {s: a}\n${scripted}`,
    `variables: {s: b}\n${scripted}`,
    ['variables.s', '  - a', '  + b'],
  ],
  ['no variables that no script reads', 'variables: {s: a}\nref: x', 'variables: {s: b}\nref: x', []],
  ['no default that is written down', 'selinux: true', 'recommends: true', []],
  ['a value that is not the default', '', 'selinux: false', ['selinux', '  - true', '  + false']],
  ['the kind of a value', 'releasever: 40', 'releasever: "40"', ['releasever', '  - 40', '  + "40"']],
];
for (const [title, before, after, lines] of cases) {
  test(`diff shows ${title}`, async (t) => {
    t.is(await changes(t, { 'a.yaml': before }, { 'b.yaml': after }), lines.join('\n'));
  });
}

test('diff shows a variable that a script in a file reads', async (t) => {
  const flattened = async (value: number): Promise<FlatTreefile> => {
    const files = { 'a.yaml': `variables: {x: ${value}}`, 'finalize.d/10-x': '#!/bin/sh\necho $SLIPWAY_VAR_x\n' };
    const { flat, folder } = await readTree(t, files);
    await chmod(join(folder, 'finalize.d/10-x'), 0o755);
    return flat!;
  };
  t.is(formatChanges(await diffTreefiles(await flattened(1), await flattened(2))), 'variables.x\n  - 1\n  + 2');
});
