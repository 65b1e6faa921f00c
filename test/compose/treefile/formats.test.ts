import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { flattenTreefile } from '../../../compose/treefile/flatten.ts';
import { parseJson } from '../../../compose/treefile/source/json.ts';
import { plainValue } from '../../../compose/treefile/source/node.ts';
import { SourceFile } from '../../../compose/treefile/source/source-file.ts';
import { parseYaml } from '../../../compose/treefile/source/yaml.ts';
import { tree } from '../../support/temporary.ts';
import { merged, readTree } from './read-tree.ts';

test('a JSON manifest of 2015 is read', async (t) => {
  const printed = await merged(t, {
    'host.json': JSON.stringify({
      ref: 'centos-atomic-host/7/x86_64/standard',
      gpg_key: '0123',
      automatic_version_prefix: '7',
      repos: ['base'],
      default_target: 'multi-user.target',
      packages: ['kernel ostree', 'lvm2'],
      'packages-x86_64': ['grub2 grub2-efi'],
      'packages-aarch64': ['shim'],
      units: ['docker.service'],
      'remove-from-packages': [['cracklib-dicts', '.*']],
    }),
  });
  t.deepEqual(printed.packages, ['grub2', 'grub2-efi', 'kernel', 'lvm2', 'ostree']);
  t.is(printed['gpg-key'], '0123');
});

test('a kickstart file gives packages, exclusions, includes and no weak dependencies', async (t) => {
  const printed = await merged(t, {
    'host.ks':
      '# a comment\n%packages --exclude-weakdeps\nvim-enhanced  # editor\n-nano\n@core\n%include more.ks\n%end\n%include lists/last.inc\n',
    'more.ks': '%packages\nbash\n%end\n',
    // Kickstart whatever its name, and what it names lies beside the first file.
    'lists/last.inc': '%include lists/inner.yaml\n',
    'lists/inner.yaml': '%packages\nzsh\n%end\n',
  });
  t.deepEqual(printed, {
    packages: ['@core', 'bash', 'vim-enhanced', 'zsh'],
    'exclude-packages': ['nano'],
    recommends: false,
  });
});

test('problems of included kickstart files are shown at their place from the first one', async (t) => {
  const { problems } = await readTree(t, {
    'host.yaml': 'include: lists/first.ks\n',
    'lists/first.ks': '%include sub/second\n',
    'lists/sub/second': '%include thrid\n',
    'lists/third': '',
  });
  t.is(
    problems,
    [
      'error[file-unreadable]: lists/thrid does not exist',
      '  --> lists/sub/second:1:10',
      '1 | %include thrid',
      '  |          ^^^^^ did you mean "third"?',
    ].join('\n'),
  );
});

test('YAML and JSON of the same treefile give the same', async (t) => {
  const value = { ref: 'a/b', units: ['x.service'], metadata: { a: [1, true, null, 'x\ty "z"'] } };
  const json = await merged(t, { 'a.json': JSON.stringify(value, null, '\t') });
  t.deepEqual(json, await merged(t, { 'a.yaml': JSON.stringify(value) }));
  t.deepEqual(json as unknown, value);
});

test('everything that JSON.parse reads is read, with the same value', (t) => {
  for (const text of [
    '{}',
    '[]',
    ' null ',
    '-1.5e3',
    '"\\u00e9\\n"',
    '{"a":\t[1 , {"b":[[]]}]}',
    '"\u2028"',
    '\r\n[true,false]',
    '{"":1}',
  ]) {
    const result = parseJson(new SourceFile('x', text));
    t.true('root' in result, text);
    if ('root' in result) t.deepEqual(plainValue(result.root), JSON.parse(text));
  }
});

test('what JSON.parse refuses is refused', (t) => {
  for (const text of [
    '',
    '{',
    '[1,]',
    "{'a':1}",
    '{a:1}',
    '01',
    '1.',
    '+1',
    '"\n"',
    '"\\x"',
    '[1] 2',
    'nul',
    '{"a" 1}',
    '{"a":1,}',
    'NaN',
    '1e999',
  ]) {
    t.true('error' in parseJson(new SourceFile('x', text)), text);
  }
});

const yaml: readonly [text: string, value: unknown][] = [
  ['a: 1\nb: [x, "y"]', { a: 1, b: ['x', 'y'] }],
  [
    'a: 0o17\nb: 0x1f\nc: 007\nd: 1e3\ne: .5\nf: 1.\ng: -3\nh: +4',
    { a: 15, b: 31, c: '007', d: 1000, e: 0.5, f: 1, g: -3, h: 4 },
  ],
  [
    'a: yes\nb: TRUE\nc: ~\nd: null\ne:\nf: Null\ng: "true"',
    { a: 'yes', b: true, c: null, d: null, e: null, f: null, g: 'true' },
  ],
  ['a: &x [1]\nb: *x', { a: [1], b: [1] }],
  ['a: !!str 1\nb: ! 2', { a: '1', b: '2' }],
  ['a: |\n  x\n  y\nb: >-\n  x\n  y', { a: 'x\ny\n', b: 'x y' }],
  ['1: a\ntrue: b', { 1: 'a', true: 'b' }],
  ['--- # one document\na: 1\n...\n', { a: 1 }],
];
for (const [text, value] of yaml) {
  test(`the YAML ${JSON.stringify(text)} is ${JSON.stringify(value)}`, (t) => {
    const result = parseYaml(new SourceFile('x', text));
    t.true('root' in result);
    if ('root' in result) t.deepEqual(plainValue(result.root), value as never);
  });
}

test('names that every JavaScript object has are ordinary names', async (t) => {
  const { problems } = await readTree(t, {
    'a.yaml':
      'check-passwd: {type: none, constructor: 1}\nopt-usrlocal: constructor\nmetadata: {__proto__: 1, toString: 2}\nconstructor: 1\n',
  });
  t.deepEqual(problems.match(/^\w+\[[\w-]+\].*$/gm), [
    'warning[unknown-field]: "constructor" has no meaning here and is ignored',
    'error[wrong-type]: "opt-usrlocal" must be var, root or state-overlay, not "constructor"',
    'error[unknown-key]: no such key "constructor"',
  ]);
});

test('two YAML documents, aliases that explode and keys that are lists are refused with a place', async (t) => {
  t.true(
    (await readTree(t, { 'a.yaml': 'a: 1\n---\nb: 2\n' })).problems.includes(
      'here a second one begins\n  --> a.yaml:3:1',
    ),
  );
  const bomb = Array.from(
    { length: 20 },
    (_, n) => `a${n}: &a${n} [${n === 0 ? 'x, x' : `*a${n - 1}, *a${n - 1}`}]`,
  ).join('\n');
  t.regex(
    (await readTree(t, { 'a.yaml': bomb })).problems,
    /the aliases of this file stand for more than 100000 values\n {2}--> a.yaml:1\d:/,
  );
  t.true(
    (await readTree(t, { 'a.yaml': '[a]: 1\n' })).problems.includes('a key must be a plain word\n  --> a.yaml:1:1'),
  );
});

test('a file that is not UTF-8 is named at the line that includes it', async (t) => {
  const folder = await tree(t, { 'a.yaml': 'include: b.yaml\n' });
  await writeFile(join(folder, 'b.yaml'), Buffer.from([0x61, 0xff]));
  t.throws(() => flattenTreefile(join(folder, 'a.yaml')), {
    message: /b\.yaml is not UTF-8 text\n {2}--> .*a\.yaml:1:10/,
  });
});
