import test from 'ava';
import { mergedKeys } from '../../../compose/treefile/keys.ts';
import { hasNamedMembers } from '../../../compose/treefile/remove-inherited.ts';
import { readTree } from './read-tree.ts';

const removable = mergedKeys.filter(hasNamedMembers).map(({ name }) => name);

const messages: readonly [files: Record<string, string>, printed: readonly string[]][] = [
  [
    { 'top.yaml': 'conditional-include: [{if: [1], include: x.yaml}]\n' },
    [
      'error[wrong-type]: each item of "if" must be a condition such as variable == "value", not the number 1',
      '  --> top.yaml:1:29',
      '1 | conditional-include: [{if: [1], include: x.yaml}]',
      '  |                             ^ put it in quotes',
    ],
  ],
  [
    { 'top.json': '{"conditional-include": [{"if": [null], "include": "x.yaml"}]}\n' },
    [
      'error[wrong-type]: each item of "if" must be a condition such as variable == "value", not empty',
      '  --> top.json:1:34',
      '1 | {"conditional-include": [{"if": [null], "include": "x.yaml"}]}',
      '  |                                  ^^^^',
    ],
  ],
  [
    { 'top.yaml': 'remove-inherited: {postprocess: []}\n' },
    [
      'error[not-removable]: "postprocess" has no members that could be removed',
      '  --> top.yaml:1:20',
      '1 | remove-inherited: {postprocess: []}',
      `  |                    ^^^^^^^^^^^ it can be one of ${removable.join(', ')}`,
    ],
  ],
  [
    {
      'top.yaml': 'basearch: x86_64\ninclude: a.yaml\n',
      'a.yaml': 'basearch: aarch64\n',
    },
    [
      'error[basearch]: Invalid basearch aarch64 on x86_64: cross-composes are not supported',
      '  --> a.yaml:1:11',
      '1 | basearch: aarch64',
      '  |           ^^^^^^^ remove the key to follow the build',
    ],
  ],
  [
    { 'top.yaml': 'automatic-version-suffix: ab\n' },
    [
      'error[bad-value]: "ab" cannot be the suffix: it must be exactly one ASCII character',
      '  --> top.yaml:1:27',
      '1 | automatic-version-suffix: ab',
      '  |                           ^^',
    ],
  ],
  [
    { 'top.yaml': 'edition: 2024\n' },
    [
      'error[wrong-type]: "edition" must be the string 2014 or 2024, not the number 2024',
      '  --> top.yaml:1:10',
      '1 | edition: 2024',
      '  |          ^^^^ put it in quotes',
    ],
  ],
  [
    { 'top.yaml': 'packages: [vim, 3]\n' },
    [
      'error[wrong-type]: each item of "packages" must be a package, not the number 3',
      '  --> top.yaml:1:17',
      '1 | packages: [vim, 3]',
      '  |                 ^ put it in quotes',
    ],
  ],
  [
    { 'top.yaml': 'add-files: [[a, 1]]\n' },
    [
      'error[wrong-type]: each item of "add-files" must be a pair [source, destination] of strings, not the number 1',
      '  --> top.yaml:1:17',
      '1 | add-files: [[a, 1]]',
      '  |                 ^',
    ],
  ],
  [
    { 'top.yaml': 'pin-groups: {a: [1, 2]}\n' },
    [
      'error[wrong-type]: "a" must be a number or [gid], not a list',
      '  --> top.yaml:1:17',
      '1 | pin-groups: {a: [1, 2]}',
      '  |                 ^^^^^^',
    ],
  ],
  [
    { 'top.yaml': 'check-groups: {type: data, entries: {b: [3, 4], c: [5]}}\n' },
    [
      'error[wrong-type]: "b" must be a number or [gid], not a list',
      '  --> top.yaml:1:41',
      '1 | check-groups: {type: data, entries: {b: [3, 4], c: [5]}}',
      '  |                                         ^^^^^^',
    ],
  ],
  [
    { 'top.yaml': 'check-passwd: {type: previous, filename: x}\n' },
    [
      'warning[unknown-field]: "filename" has no meaning with type previous and is ignored',
      '  --> top.yaml:1:32',
      '1 | check-passwd: {type: previous, filename: x}',
      '  |                                ^^^^^^^^',
    ],
  ],
  [
    { 'top.yaml': 'metadata: {p: &p [a, 2]}\nunits: *p\n' },
    [
      'error[wrong-type]: each item of "units" must be the name of a systemd unit, not the number 2 (from line 1, by the alias *p)',
      '  --> top.yaml:2:8',
      '2 | units: *p',
      '  |        ^^ put it in quotes',
    ],
  ],
  [
    { 'top.yaml': 'variables: {unused: "a{b}"}\n' },
    [
      'error[bad-variable]: the variable unused cannot be substituted: "$", "{" and "}" are not allowed in it',
      '  --> top.yaml:1:22',
      `1 | variables: {unused: "a{b}"}`,
      '  |                      ^^^^',
    ],
  ],
];
for (const [files, printed] of messages) {
  test(`${JSON.stringify(Object.values(files).join('---'))} is answered with ${printed[0]}`, async (t) => {
    t.is((await readTree(t, files)).problems, printed.join('\n'));
  });
}
