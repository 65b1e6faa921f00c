import test from 'ava';
import { formatYaml } from '../../../compose/treefile/format-yaml.ts';

const layouts: readonly [title: string, before: string, after: string][] = [
  ['indents lists inside mappings', 'packages:\n- a\n- b\n', 'packages:\n  - a\n  - b\n'],
  [
    'keeps comments with what they stand above',
    '# head\n\n\n\npackages:\n# first\n- a # why\n    # odd\n- b\n# tail\n',
    '# head\n\npackages:\n  # first\n  - a # why\n    # odd\n  - b\n# tail\n',
  ],
  ['takes white space from line ends and empty lines from both ends', '\n\nref: a  \n\n\n', 'ref: a\n'],
  ['adds a newline at the end', 'ref: a', 'ref: a\n'],
  [
    'moves block scalars as they are',
    'postprocess:\n    - |\n       #!/bin/sh\n         deeper   \n\n\n       # not a comment\n    - x\n',
    'postprocess:\n  - |\n     #!/bin/sh\n       deeper   \n\n\n     # not a comment\n  - x\n',
  ],
  [
    'moves deep mappings',
    'a:\n     b:\n        c:\n        - d: 1\n          e: 2\n',
    'a:\n  b:\n    c:\n      - d: 1\n        e: 2\n',
  ],
  [
    'moves flow collections over several lines',
    'packages:\n    [a,\n     b]\nx: {a: 1}\n',
    'packages:\n    [a,\n     b]\nx: {a: 1}\n',
  ],
  ['knows lists in lists', 'a:\n- - x\n  - y\n- - z\n', 'a:\n  - - x\n    - y\n  - - z\n'],
  [
    'knows keys behind a question mark',
    'a:\n- b\n? c\n:   - d\n    - e\n? "f"\n:\n    g: 1\n? h\n',
    'a:\n  - b\n? c\n:   - d\n    - e\n? "f"\n:\n  g: 1\n? h\n',
  ],
  [
    'leaves the marks of a document and comments behind its end at the margin',
    '---\na:\n- b\n...\n# end\n',
    '---\na:\n  - b\n...\n# end\n',
  ],
  ['takes no mark inside a script for one', 'a:\n- |\n  ...\n  x\n', 'a:\n  - |\n    ...\n    x\n'],
  ['turns CRLF into newlines', 'a: 1\r\nb: 2\r\n', 'a: 1\nb: 2\n'],
];
for (const [title, before, after] of layouts) {
  test(`fmt ${title}`, (t) => {
    t.deepEqual(formatYaml(before), { text: after });
    t.deepEqual(formatYaml(after), { text: after });
  });
}

test('fmt says why it has no layout for a text', (t) => {
  t.deepEqual(formatYaml('a: [\n'), { reason: 'it is not valid YAML' });
  t.deepEqual(formatYaml('? |\n  a\n: b\n'), {
    reason: 'it has YAML that cannot be laid out without a change of its meaning',
  });
});
