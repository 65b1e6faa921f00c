import test from 'ava';
import { type Explanation, formatExplanation } from '../../../compose/treefile/explain/explanation.ts';
import { explainKey } from '../../../compose/treefile/explain/key.ts';
import { explainPackage } from '../../../compose/treefile/explain/package.ts';
import { explainPath } from '../../../compose/treefile/explain/path.ts';
import { explainSubject, readSubject } from '../../../compose/treefile/explain/subject.ts';
import { explainVariables } from '../../../compose/treefile/explain/variables.ts';
import { formatChain, whyInstalled } from '../../../compose/treefile/explain/why.ts';
import type { FlatTreefile } from '../../../compose/treefile/flatten.ts';
import { readTree } from './read-tree.ts';

const files = {
  'top.yaml': [
    'include: base.yaml',
    'variables: {stream: testing}',
    `ref: top/\${stream}`,
    'conditional-include: [{if: stream == "testing", include: testing.yaml}]',
    'metadata: {license: MIT}',
    'remove-inherited: {packages: [nano]}',
    'remove-files: [usr/share/info]',
  ].join('\n'),
  'base.yaml': 'ref: base\npackages: [vim nano]\nmetadata: {license: GPL, name: x}\nadd-files: [[motd, /etc/motd.d]]\n',
  'testing.yaml': 'packages: ["\'gdb >= 12\' pod*"]\nrepo-packages: [{repo: r, packages: [vim]}]\n',
};

test('explain names the line that wrote a value, the includes that led there and what is overridden', async (t) => {
  const { flat, folder } = await readTree(t, files);
  const text = explainKey(flat!, 'ref').map(formatExplanation).join('\n\n').replaceAll(`${folder}/`, '');
  t.is(
    text,
    [
      'ref: top/testing',
      '  written in top.yaml:3:6',
      '',
      'ref: base (overridden by top.yaml:3:6)',
      '  written in base.yaml:1:6',
      '    included by top.yaml:1:10 (include)',
    ].join('\n'),
  );
});

test('explain knows members of mappings', async (t) => {
  const { flat } = await readTree(t, files);
  const found = explainKey(flat!, 'metadata', 'license').map(({ member, value, state }) => [member, value, state]);
  t.deepEqual(found, [
    ['license', 'MIT', 'stands'],
    ['license', 'GPL', 'overridden'],
  ]);
});

test('explain finds a package by its name, in requests, globs and pins, with the conditions that led there', async (t) => {
  const { flat, folder } = await readTree(t, files);
  const say = (name: string): string =>
    explainPackage(flat!, name).map(formatExplanation).join('\n').replaceAll(`${folder}/`, '');
  t.is(
    say('gdb'),
    [
      'packages: gdb >= 12',
      '  written in testing.yaml:1:14',
      '    included by top.yaml:4:58 (conditional-include if stream == "testing")',
    ].join('\n'),
  );
  t.true(say('podman').startsWith('packages: pod*\n'));
  t.true(say('nano').startsWith('packages: nano (removed by top.yaml:6:31)\n'));
  t.deepEqual(
    explainPackage(flat!, 'vim').map(({ key }) => key),
    ['packages', 'repo-packages'],
  );
  t.is(say('emacs'), '');
});

test('explain finds what adds or removes a path', async (t) => {
  const { flat } = await readTree(t, files);
  const keys = (path: string): string[] => explainPath(flat!, path).map(({ key }) => key);
  t.deepEqual(keys('/etc/motd.d/10-x'), ['add-files']);
  t.deepEqual(keys('/usr/share/info/dir'), ['remove-files']);
  t.deepEqual(keys('/etc/motd'), []);
});

test('explain knows where variables come from', async (t) => {
  const { flat, folder } = await readTree(t, files);
  const say = (name?: string): string =>
    explainVariables(flat!, name).map(formatExplanation).join('\n').replaceAll(`${folder}/`, '');
  t.is(say('stream'), 'variables.stream: testing\n  written in top.yaml:2:21');
  t.is(say('basearch'), 'variables.basearch: x86_64\n  follows the build');
  t.deepEqual(
    explainVariables(flat!).map(({ member }) => member),
    ['stream', 'basearch'],
  );
  t.deepEqual(explainVariables(flat!, 'nope'), []);
});

test('explain suggests a key that is near', async (t) => {
  const { flat } = await readTree(t, files);
  t.throws(() => explainKey(flat!, 'include'), { code: 'steering-key' });
  t.throws(() => explainKey(flat!, 'unit'), { code: 'unknown-key', message: 'the merged treefile has no key "unit"' });
});

test('why a package is in: the shortest chain from a request', (t) => {
  const needed = (name: string, requests: string[], parents: string[]): Parameters<typeof whyInstalled>[0][number] => ({
    package: `${name}-1-1.x86_64`,
    name,
    requests,
    requiredBy: parents.map((parent) => ({ package: `${parent}-1-1.x86_64`, dependency: `${name} >= 1` })),
    recommendedBy: [],
  });
  const reasons = [
    needed('podman', ['podman'], []),
    needed('crun', [], ['podman']),
    needed('libc', [], ['libloop', 'crun', 'podman']),
    needed('libloop', [], ['libc']),
    needed('lost', [], []),
  ];
  const lines = (requests: readonly string[]): Explanation[] =>
    requests.map((value) => ({
      key: 'packages',
      value,
      position: { file: 'a.yaml', line: 2, column: 5 },
      via: [],
      state: 'stands',
    }));
  const say = (name: string): string => formatChain(whyInstalled(reasons, name, lines)!);
  t.is(
    say('libc'),
    [
      'podman-1-1.x86_64 is asked for by',
      '  packages: podman',
      '    written in a.yaml:2:5',
      '  podman-1-1.x86_64 requires libc >= 1: libc-1-1.x86_64',
    ].join('\n'),
  );
  t.is(say('crun').split('\n').length, 4);
  t.is(say('lost'), 'lost-1-1.x86_64 is in the tree, but no line and no other package asks for it');
  t.is(whyInstalled(reasons, 'bash', lines), undefined);
});

const requests: readonly [request: string, name: string, names: boolean][] = [
  ['podman', 'podman', true],
  ["'podman >= 4.1'", 'podman', true],
  ["'podman>=4.1'", 'podman', true],
  ['pod*', 'podman', true],
  ['podman-5.2-1.fc42.x86_64', 'podman', true],
  ['podman-5:5.2-1.fc42', 'podman', true],
  ['podman-5.2', 'podman', true],
  ['glibc.i686', 'glibc', true],
  ['glibc.common', 'glibc', false],
  ["'(bash if podman)'", 'podman', true],
  ["'(bash if podman-docker)'", 'podman', false],
  ['openssl-provider-legacy', 'openssl', false],
  ['podman-compose', 'podman', false],
  ['java-17-openjdk', 'java', false],
];
for (const [request, name, names] of requests) {
  test(`the request ${request} ${names ? 'names' : 'does not name'} ${name}`, async (t) => {
    const { flat } = await readTree(t, { 'top.yaml': `packages: ["${request}"]\n` });
    t.is(explainPackage(flat!, name).length, names ? 1 : 0);
  });
}

/** Each answer as `key value state place-of-the-other-line`. */
function say(flat: FlatTreefile, folder: string, word: string): string[] {
  return explainSubject(flat, readSubject(word)).map(({ key, member, value, state, by }) => {
    const other = by === undefined ? [] : [`${by.file.replace(`${folder}/`, '')}:${by.line}`];
    return [member === undefined ? key : `${key}.${member}`, JSON.stringify(value), state, ...other].join(' ');
  });
}

const disputes = {
  'top.yaml': [
    'include: [a.yaml, b.yaml]',
    'remove-inherited: {metadata: [gone], add-files: [/etc/x], "repo-packages": [old]}',
    'repo-packages: [{repo: top, packages: [vim]}]',
    'variables: {stream: stable}',
    'check-passwd: {type: data, entries: {root: 0}}',
    'packages-x86_64: [grub2]',
    'packages-aarch64: [efi]',
    'releasever: 40',
  ].join('\n'),
  'a.yaml': [
    'metadata: {gone: 1, kept: 2}',
    'add-files: [[x, /etc/x]]',
    'repo-packages: [{repo: a, packages: [vim, nano]}, {repo: old, packages: [ed]}]',
    'variables: {stream: testing, debug: true}',
    'packages: [/usr/bin/vim]',
    'releasever: 41',
    'platform-module: x',
  ].join('\n'),
  'b.yaml':
    'metadata: {kept: 3}\nrepo-packages: [{repo: b, packages: [nano]}]\nremove-from-packages: [[vim, "/usr/share/.*", "["]]\n',
};
const answers: readonly [word: string, lines: readonly string[]][] = [
  ['metadata.gone', ['metadata.gone 1 removed top.yaml:2']],
  ['metadata.kept', ['metadata.kept 2 stands', 'metadata.kept 3 overridden a.yaml:1']],
  ['/etc/x', ['add-files ["x","/etc/x"] removed top.yaml:2']],
  [
    'repo-packages',
    [
      'repo-packages {"repo":"top","packages":["vim"]} stands',
      'repo-packages {"repo":"a","packages":["nano"]} stands',
      'repo-packages {"repo":"a","packages":["vim"]} overridden top.yaml:3',
      'repo-packages {"repo":"old","packages":["ed"]} removed top.yaml:2',
      'repo-packages {"repo":"b","packages":["nano"]} overridden a.yaml:3',
    ],
  ],
  [
    'vim',
    [
      'repo-packages {"repo":"top","packages":["vim"]} stands',
      'repo-packages {"repo":"a","packages":["vim"]} overridden top.yaml:3',
    ],
  ],
  ['/usr/bin/vim', ['packages "/usr/bin/vim" stands']],
  ['/usr/share/vim/x', ['remove-from-packages ["vim","/usr/share/.*","["] stands']],
  ['packages-x86_64', ['packages-x86_64 "grub2" stands']],
  ['packages-aarch64', ['packages-aarch64 "efi" other-arch']],
  ['check-passwd.entries', ['check-passwd.entries {"root":0} stands']],
  ['check-passwd.entries.root', ['check-passwd.entries.root 0 stands']],
  ['check-passwd.filename', []],
  ['add-files.etc/x', ['add-files ["x","/etc/x"] removed top.yaml:2']],
  ['platform-module', ['platform-module "x" no-effect']],
  ['variables.stream', ['variables.stream "stable" stands', 'variables.stream "testing" overridden top.yaml:4']],
  ['variables.releasever', ['variables.releasever 40 stands', 'variables.releasever 41 overridden top.yaml:8']],
];
for (const [word, lines] of answers) {
  test(`explain ${word} says what became of each line`, async (t) => {
    const { flat, folder } = await readTree(t, disputes);
    t.deepEqual(say(flat!, folder, word), lines);
  });
}

test('a member that two includers remove was removed by the nearer one', async (t) => {
  const { flat, folder } = await readTree(t, {
    'top.yaml': 'include: middle.yaml\nremove-inherited: {packages: [nano]}\n',
    'middle.yaml': 'include: base.yaml\nremove-inherited: {packages: [nano]}\n',
    'base.yaml': 'packages: [nano]\n',
  });
  t.deepEqual(say(flat!, folder, 'nano'), ['packages "nano" removed middle.yaml:2']);
});
