import { join } from 'node:path';
import test from 'ava';
import { formatTreefile } from '../../../compose/treefile/format.ts';
import { formatJson } from '../../../compose/treefile/format-json.ts';
import { Problems } from '../../../compose/treefile/problems.ts';
import { parseJson } from '../../../compose/treefile/source/json.ts';
import { SourceFile } from '../../../compose/treefile/source/source-file.ts';
import { tree } from '../../support/temporary.ts';

const layouts: readonly [title: string, before: string, after: string][] = [
  [
    'indents by two spaces',
    '{"ref":"x","packages":["a",{"b":null}]}',
    '{\n  "ref": "x",\n  "packages": [\n    "a",\n    {\n      "b": null\n    }\n  ]\n}\n',
  ],
  [
    'keeps the digits of numbers',
    '{"big":12345678901234567890,"n":1.0,"e":-1E+2}',
    '{\n  "big": 12345678901234567890,\n  "n": 1.0,\n  "e": -1E+2\n}\n',
  ],
  ['keeps a name that occurs twice', '{"comment":"a","comment":2}', '{\n  "comment": "a",\n  "comment": 2\n}\n'],
  [
    'keeps the escapes of strings',
    String.raw`{"\u00e9\"":"\u00e9\/é\\","":""}`,
    String.raw`{|  "\u00e9\"": "\u00e9\/é\\",|  "": ""|}|`.replaceAll('|', '\n'),
  ],
  ['leaves empty lists and mappings on their line', '{"a" : [ ], "b":{\n}}', '{\n  "a": [],\n  "b": {}\n}\n'],
  ['prints a single value', ' true', 'true\n'],
];
for (const [title, before, after] of layouts) {
  test(`fmt of JSON ${title}`, (t) => {
    t.is(formatted(before), after);
    t.is(formatted(after), after);
  });
}

function formatted(text: string): string {
  const parsed = parseJson(new SourceFile('x.json', text));
  if ('error' in parsed) throw new TypeError(parsed.error.message);
  return formatJson(parsed.root);
}

test('fmt takes the layout of the file name, and none for kickstart and for what cannot be read', async (t) => {
  const folder = await tree(t, { 'a.json': '{"ref":"x"}', 'a.yaml': 'a:\n- b\n', 'a.ks': '%packages\na\n%end\n' });
  const problems = new Problems();
  const format = (name: string): string | undefined => formatTreefile(join(folder, name), problems)?.after;
  t.is(format('a.json'), '{\n  "ref": "x"\n}\n');
  t.is(format('a.yaml'), 'a:\n  - b\n');
  t.is(format('a.ks'), undefined);
  t.is(format('gone.yaml'), undefined);
  t.deepEqual(
    problems.diagnostics.map(({ code }) => code),
    ['format-kickstart', 'file-unreadable'],
  );
});
