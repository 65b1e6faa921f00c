import { join } from 'node:path';
import test from 'ava';
import { flattenTreefile } from '../../../compose/treefile/flatten.ts';
import { DiagnosticsError } from '../../../lib/diagnostics.ts';
import { tree } from '../../support/temporary.ts';
import { readTree } from './read-tree.ts';

const messages: readonly [files: Record<string, string>, printed: readonly string[]][] = [
  [
    { 'top.yaml': 'ref: a/b\npakages:\n  - vim\n' },
    [
      'error[unknown-key]: no such key "pakages"',
      '  --> top.yaml:2:1',
      '2 | pakages:',
      '  | ^^^^^^^ did you mean "packages"?',
    ],
  ],
  [
    { 'top.yaml': 'packages: vim\n' },
    [
      'error[wrong-type]: "packages" must be a list, each item a package, not a string',
      '  --> top.yaml:1:11',
      '1 | packages: vim',
      '  |           ^^^ write it as a list: [ … ]',
    ],
  ],
  [
    { 'top.yaml': 'automatic-version-prefix: 22.1\n' },
    [
      'error[wrong-type]: "automatic-version-prefix" must be a string, not the number 22.1',
      '  --> top.yaml:1:27',
      '1 | automatic-version-prefix: 22.1',
      '  |                           ^^^^ put it in quotes',
    ],
  ],
  [
    { 'top.yaml': 'selinux: yes\n' },
    [
      'error[wrong-type]: "selinux" must be true or false, not a string',
      '  --> top.yaml:1:10',
      '1 | selinux: yes',
      '  |          ^^^ write true or false, without quotes',
    ],
  ],
  [
    { 'top.yaml': 'boot-location: module\n' },
    [
      'error[wrong-type]: "boot-location" must be new, modules or kernel-install, not "module"',
      '  --> top.yaml:1:16',
      '1 | boot-location: module',
      '  |                ^^^^^^ did you mean "modules"?',
    ],
  ],
  [
    { 'top.yaml': 'ref: a\nref: b\n' },
    [
      'error[duplicate-key]: "ref" is already given on line 1',
      '  --> top.yaml:2:1',
      '2 | ref: b',
      '  | ^^^ keep one of them',
    ],
  ],
  [
    { 'top.yaml': 'gpg_key: a\ngpg-key: b\n' },
    [
      'error[duplicate-key]: "gpg_key" is the old spelling of "gpg-key"; both are given',
      '  --> top.yaml:1:1',
      '1 | gpg_key: a',
      '  | ^^^^^^^ keep the new one',
    ],
  ],
  [
    { 'top.yaml': 'ref: "a b"\n' },
    [
      'error[bad-value]: "a b" cannot be an OSTree branch: use letters, digits, "-", "_" and "." in parts joined by "/"',
      '  --> top.yaml:1:7',
      '1 | ref: "a b"',
      '  |       ^^^',
    ],
  ],
  [
    { 'top.yaml': 'packages:\n  - "vim \'podman => 4\'"\n' },
    [
      'error[request-syntax]: "podman => 4" compares with =>, which is no comparison',
      '  --> top.yaml:2:6',
      '2 |   - "vim \'podman => 4\'"',
      `  |      ^^^^^^^^^^^^^^^^^ write "'NAME OPERATOR VERSION'" in single quotes, with <, <=, =, >= or >`,
    ],
  ],
  [
    { 'top.yaml': 'packages: ["\'podman >= 4"]\n' },
    [
      'error[unbalanced-quote]: the single quote in "\'podman >= 4" has no end',
      '  --> top.yaml:1:13',
      '1 | packages: ["\'podman >= 4"]',
      "  |             ^^^^^^^^^^^^ put the whole request between ' and '",
    ],
  ],
  [
    { 'top.yaml': 'include: a.yaml\n', 'a.yaml': 'basearch: aarch64\n' },
    [
      'error[basearch]: Invalid basearch aarch64 on x86_64: cross-composes are not supported',
      '  --> a.yaml:1:11',
      '1 | basearch: aarch64',
      '  |           ^^^^^^^ remove the key to follow the build',
    ],
  ],
  [
    { 'top.yaml': 'include: a.yaml\nmachineid-compat: false\n', 'a.yaml': 'units: [sshd.service]\n' },
    [
      'error[units]: "units" cannot be used with machineid-compat: false',
      '  --> a.yaml:1:9',
      '1 | units: [sshd.service]',
      '  |         ^^^^^^^^^^^^ ship a preset file instead, or remove machineid-compat',
    ],
  ],
  [
    { 'top.yaml': 'add-files: [[x, /usr/local/x]]\n' },
    [
      'error[add-files]: Unsupported path in add-files: /usr/local/x',
      '  --> top.yaml:1:13',
      '1 | add-files: [[x, /usr/local/x]]',
      '  |             ^^^^^^^^^^^^^^^^^ it must lie below usr, etc, bin, sbin, lib, lib64, but not in usr/local',
    ],
  ],
  [
    { 'top.yaml': 'include: a.yaml\nexclude-packages: [nano]\n', 'a.yaml': 'packages: [vim nano]\n' },
    [
      'error[excluded]: nano is excluded here, and asked for in a.yaml:1',
      '  --> top.yaml:2:20',
      '2 | exclude-packages: [nano]',
      '  |                    ^^^^',
    ],
  ],
  [
    { 'top.yaml': 'packages:\n  - a\n - b\n' },
    ['error[syntax]: not valid YAML: bad indentation of a mapping entry', '  --> top.yaml:3:2', '3 |  - b', '  |  ^'],
  ],
  [
    { 'top.yaml': 'a: *x\n' },
    [
      'error[syntax]: the alias *x stands for nothing written before it',
      '  --> top.yaml:1:4',
      '1 | a: *x',
      '  |    ^^',
    ],
  ],
  [
    { 'top.yaml': '- a\n' },
    ['error[wrong-type]: a treefile is a mapping from keys to values', '  --> top.yaml:1:1', '1 | - a', '  | ^^^'],
  ],
  [
    { 'top.json': '{"packages": ["a",]}\n' },
    [
      'error[syntax]: not valid JSON: a value is due, not "]"',
      '  --> top.json:1:19',
      '1 | {"packages": ["a",]}',
      '  |                   ^',
    ],
  ],
  [
    { 'top.json': '{"comment": "for people", "pakages": []}\n' },
    [
      'note[unknown-key]: no such key "comment"; unknown keys are ignored in JSON',
      '  --> top.json:1:3',
      '1 | {"comment": "for people", "pakages": []}',
      '  |   ^^^^^^^',
      'warning[unknown-key]: no such key "pakages"; unknown keys are ignored in JSON',
      '  --> top.json:1:28',
      '1 | {"comment": "for people", "pakages": []}',
      '  |                            ^^^^^^^ did you mean "packages"?',
    ],
  ],
  [
    { manifest: 'ref: a/b\npackages: [x]\n' },
    [
      'error[syntax]: not valid JSON: a value is due, not "ref"',
      '  --> manifest:1:1',
      '1 | ref: a/b',
      '  | ^^^ only files named .yaml or .yml are read as YAML, and .ks as kickstart; everything else is JSON',
    ],
  ],
  [
    { 'top.ks': 'lang en_US\n' },
    [
      'error[syntax]: the kickstart command "lang" cannot be used here',
      '  --> top.ks:1:1',
      '1 | lang en_US',
      '  | ^^^^ only %packages, %end and %include can be used',
    ],
  ],
  [
    { 'top.yaml': 'check-passwd: {type: file}\n' },
    [
      'error[missing-field]: "filename" is missing here: type "file" needs it',
      '  --> top.yaml:1:15',
      '1 | check-passwd: {type: file}',
      '  |               ^^^^^^^^^^^^',
    ],
  ],
];
for (const [files, printed] of messages) {
  test(`${JSON.stringify(Object.values(files).join('---'))} is answered with ${printed[0]}`, async (t) => {
    t.is((await readTree(t, files)).problems, printed.join('\n'));
  });
}

test('all problems of all files come out in one run, sorted by place', async (t) => {
  const { problems } = await readTree(t, {
    'top.yaml': 'unkown: 1\ninclude: [a.yaml, b.yaml]\nselinux: 1\n',
    'a.yaml': 'units: x\npostprocess: [1]\n',
    'b.yaml': 'packages: [\n',
  });
  t.deepEqual(problems.match(/--> .*/g), [
    '--> a.yaml:1:8',
    '--> a.yaml:2:15',
    '--> b.yaml:2:1',
    '--> top.yaml:1:1',
    '--> top.yaml:3:10',
  ]);
});

test('a bad value that only shows after merging and substitution points at the line that wrote it', async (t) => {
  const { problems } = await readTree(t, {
    'top.yaml': 'include: a.yaml\nvariables: {stream: "not a branch"}\n',
    'a.yaml': `# a comment\nref: host/\${stream}\n`,
  });
  t.is(
    problems,
    [
      'error[bad-value]: with its variables this is "host/not a branch", which cannot be an OSTree branch',
      '  --> a.yaml:2:6',
      `2 | ref: host/\${stream}`,
      '  |      ^^^^^^^^^^^^^^',
    ].join('\n'),
  );
});

test('a file that is not there is an error without a place', async (t) => {
  const folder = await tree(t, { 'host.yaml': '' });
  const error = t.throws(() => flattenTreefile(join(folder, 'hots.yaml')), { instanceOf: DiagnosticsError });
  t.deepEqual(error.diagnostics, [
    {
      severity: 'error',
      code: 'file-unreadable',
      message: `${folder}/hots.yaml does not exist`,
      hint: 'did you mean "host.yaml"?',
    },
  ]);
});
