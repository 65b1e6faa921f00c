import test from 'ava';
import {
  explainKey,
  explainPackage,
  explainPath,
  explainVariables,
  formatExplanation,
} from '../../../compose/treefile/explain.ts';
import { formatChain, whyInstalled } from '../../../compose/treefile/why.ts';
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
      'ref: base (overridden)',
      '  written in base.yaml:1:6',
      '    included by top.yaml:1:10 (include)',
    ].join('\n'),
  );
});

test('explain knows members of mappings', async (t) => {
  const { flat } = await readTree(t, files);
  const found = explainKey(flat!, 'metadata.license').map(({ member, value, state }) => [member, value, state]);
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
  t.true(say('nano').startsWith('packages: nano (removed)\n'));
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
  t.deepEqual(
    explainVariables(flat!).map(({ member }) => member),
    ['stream', 'basearch'],
  );
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
  ];
  t.is(
    formatChain(whyInstalled(reasons, 'libc')!),
    'podman-1-1.x86_64 is asked for by the treefile: podman\n  podman-1-1.x86_64 requires libc >= 1: libc-1-1.x86_64',
  );
  t.is(formatChain(whyInstalled(reasons, 'crun')!).split('\n').length, 2);
  t.is(whyInstalled(reasons, 'bash'), undefined);
});
