import { join } from 'node:path';
import test from 'ava';
import { formatTreefileText } from '../../../compose/treefile/format.ts';
import { formatYaml } from '../../../compose/treefile/format-yaml.ts';
import { tree } from '../../support/temporary.ts';

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
  ['leaves what is no YAML as it is', 'a: [\n', 'a: [\n'],
  ['turns CRLF into newlines', 'a: 1\r\nb: 2\r\n', 'a: 1\nb: 2\n'],
];
for (const [title, before, after] of layouts) {
  test(`fmt ${title}`, (t) => {
    t.is(formatYaml(before), after);
    t.is(formatYaml(after), after);
  });
}

test('fmt indents JSON by two spaces and refuses kickstart', async (t) => {
  const folder = await tree(t, { 'a.json': '{"ref":"x","packages":["a"]}', 'a.ks': '%packages\na\n%end\n' });
  t.is(await formatTreefileText(join(folder, 'a.json')), '{\n  "ref": "x",\n  "packages": [\n    "a"\n  ]\n}\n');
  await t.throwsAsync(formatTreefileText(join(folder, 'a.ks')), { code: 'format-kickstart' });
});
