import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { treefileSchema } from '../../../compose/treefile/json-schema.ts';
import { keyThemes } from '../../../compose/treefile/keys.ts';
import { plainValue } from '../../../compose/treefile/source/node.ts';
import { SourceFile } from '../../../compose/treefile/source/source-file.ts';
import { parseYaml } from '../../../compose/treefile/source/yaml.ts';
import { atomicHost, coreosStyle } from './known-manifests.ts';
import { readTree } from './read-tree.ts';

const validate = new Ajv2020({ strict: true }).compile(treefileSchema());

/** What is wrong, or undefined for a treefile that editors accept. */
function complaints(content: unknown): string | undefined {
  return validate(content) ? undefined : JSON.stringify(validate.errors);
}

function yaml(text: string): unknown {
  const parsed = parseYaml(new SourceFile('x', text));
  if ('error' in parsed) throw new TypeError(parsed.error.message);
  return plainValue(parsed.root);
}

test('the JSON Schema accepts the example of every key', (t) => {
  for (const { name, example } of keyThemes.flatMap(({ keys }) => keys))
    t.is(complaints(yaml(example)), undefined, name);
});

test('the JSON Schema accepts all shipped treefiles', (t) => {
  const folder = fileURLToPath(new URL('../../../treefiles', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  t.true(files.length > 20);
  for (const file of files) t.is(complaints(yaml(readFileSync(join(folder, file), 'utf8'))), undefined, file);
});

test('the JSON Schema accepts manifests that people have', (t) => {
  for (const [name, text] of Object.entries(coreosStyle)) {
    if (name.endsWith('.yaml')) t.is(complaints(yaml(text)), undefined, name);
  }
  // Only JSON may have keys for people; a schema cannot know the language.
  const { comment: _, ...host } = atomicHost;
  t.is(complaints(host), undefined);
});

const right: readonly string[] = [
  `ref: "a/\${basearch}-y/b.c"`,
  'packages:',
  'packages-riscv64: [a]',
  'remove-files: [a..b/..c, /usr/x]',
  'variables: {a: 1, b: true, c: x}',
  'check-passwd: {type: none}',
  'check-groups: {type: data, entries: {a: 1, b: [2]}}',
  'conditional-include: [{if: [], include: {packages: [a], nonsense: 1, include: x.yaml}}]',
  'remove-inherited: {packages: [a], metadata: [b], repo-packages: [c]}',
];
for (const text of right) {
  test(`the JSON Schema and the reader accept ${text}`, async (t) => {
    t.is(complaints(yaml(text)), undefined);
    t.false((await readTree(t, { 'top.yaml': text })).problems.includes('error['));
  });
}

const wrong: readonly string[] = [
  'pakages: [a]',
  'automatic-version-suffix: ab',
  'ref: a//b',
  'ref: .a',
  'ref: a b',
  'repos: [a b]',
  'remove-files: [a/../b]',
  'remove-files: [..]',
  'variables: {basearch: x}',
  'variables: {a: 1.5}',
  'repovars: {releasever: x}',
  'check-passwd: {type: file}',
  'check-passwd: {type: data}',
  'check-groups: {type: data, entries: {a: [1, 2]}}',
  'check-passwd: {type: none, filename: passwd}',
  'repo-packages: [{repo: a, packages: [b], extra: c}]',
  'rojig: {name: a, summary: b, license: c, licence: d}',
  'remove-inherited: {selinux: [a]}',
  'remove-inherited: {pakages: [a]}',
  'packages-local: [a]',
  'packages-local-fileoverride: {a: b}',
  'packages-x86_64: a',
  'conditional-include: [{if: [], include: {units: a}}]',
  'conditional-include: [{if: [], include: {override-remove: [a]}}]',
  'selinux: "true"',
  'releasever: 1.5',
];
for (const text of wrong) {
  test(`the JSON Schema refuses ${text}, and the reader has something to say`, async (t) => {
    t.not(complaints(yaml(text)), undefined);
    t.not((await readTree(t, { 'top.yaml': text })).problems, '');
  });
}
