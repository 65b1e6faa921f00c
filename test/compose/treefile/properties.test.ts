import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { flattenInto } from '../../../compose/treefile/flatten.ts';
import { formatYaml } from '../../../compose/treefile/format-yaml.ts';
import { mergedKeys } from '../../../compose/treefile/keys.ts';
import { type LayerInfo, Values } from '../../../compose/treefile/layer.ts';
import { mergeInto } from '../../../compose/treefile/merge.ts';
import { type PrintedTreefile, printTreefile } from '../../../compose/treefile/print.ts';
import { Problems } from '../../../compose/treefile/problems.ts';
import { readLayer } from '../../../compose/treefile/read-layer.ts';
import { plainValue } from '../../../compose/treefile/source/node.ts';
import { SourceFile } from '../../../compose/treefile/source/source-file.ts';
import { parseYaml } from '../../../compose/treefile/source/yaml.ts';

const word = fc.constantFrom('a', 'b', 'c', 'vim', 'podman', 'x86');
const words = fc.uniqueArray(word, { maxLength: 4 });
const text = fc.constantFrom(
  'x',
  'some text',
  `\${stream}`,
  `\${basearch}`,
  `\${nobody}`,
  "it's",
  '# no comment',
  '- x',
  'a: b',
);
const treefile = fc.record(
  {
    ref: fc.constantFrom('a', 'b/c', `host/\${basearch}`),
    edition: fc.constantFrom('2014', '2024'),
    selinux: fc.boolean(),
    'boot-location': fc.constantFrom('new', 'modules'),
    releasever: fc.oneof(fc.nat(99), fc.constantFrom('rawhide', '40')),
    packages: fc.array(fc.oneof(word, fc.constantFrom('a b', "'podman >= 4.1' c", '  vim  ')), { maxLength: 4 }),
    'packages-x86_64': words,
    'exclude-packages': fc.uniqueArray(fc.constantFrom('nano', 'ed'), { maxLength: 2 }),
    units: words.map((names) => names.map((name) => `${name}.service`)),
    postprocess: fc.array(text, { maxLength: 3 }),
    metadata: fc.dictionary(word, fc.oneof(text, fc.nat(), fc.array(text, { maxLength: 2 })), { maxKeys: 3 }),
    'repo-packages': fc.array(fc.record({ repo: fc.constantFrom('r', 's'), packages: words }), { maxLength: 2 }),
    variables: fc.constantFrom({ stream: 'stable' }, { stream: 'testing', n: 3 }),
    'check-passwd': fc.constantFrom({ type: 'none' }, { type: 'data', entries: { root: [0, 0] } }),
    'ignore-removed-users': words,
  },
  { requiredKeys: [] },
);

function valuesOf(content: object): Values {
  const source = new SourceFile('x.yaml', JSON.stringify(content));
  const parsed = parseYaml(source);
  if (!('root' in parsed)) throw new Error(parsed.error.message);
  const info: LayerInfo = { source, directory: '/', via: [] };
  return readLayer(parsed.root, info, { arch: 'x86_64', problems: new Problems(), dialect: 'yaml' }).values;
}

/** Includer first. */
function mergedOf(...layers: readonly Values[]): Values {
  const [first, ...others] = layers.map((values) => values.copy());
  for (const other of others) mergeInto(first!, other);
  return first!;
}

function plain(values: Values): unknown {
  return mergedKeys.map((key) => [
    key.name,
    key.form === 'map'
      ? [...(values.maps.get(key.name) ?? [])].map(([name, { value }]) => [name, value]).sort()
      : values.tracesOf(key).map(({ value }) => value),
  ]);
}

/** AVA's own comparison prepares a picture of both sides each time, which is too slow for hundreds of runs. */
function sameOrFail(t: ExecutionContext, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) t.pass();
  else t.deepEqual(actual, expected);
}

test('merging is associative: an include may be written in the file above or in the file between', (t) => {
  fc.assert(
    fc.property(treefile, treefile, treefile, (a, b, c) => {
      const [x, y, z] = [valuesOf(a), valuesOf(b), valuesOf(c)];
      sameOrFail(t, plain(mergedOf(x, mergedOf(y, z))), plain(mergedOf(mergedOf(x, y), z)));
    }),
    { numRuns: 200 },
  );
});

test('merging an empty file changes nothing, except that repo-packages are settled', (t) => {
  fc.assert(
    fc.property(treefile, ({ 'repo-packages': _, ...content }) => {
      const values = valuesOf(content);
      sameOrFail(t, plain(mergedOf(values, new Values())), plain(values));
      sameOrFail(t, plain(mergedOf(new Values(), values)), plain(values));
    }),
    { numRuns: 100 },
  );
});

test('what `show` prints means the same when it is read again, as JSON and as YAML', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, content: object): void => writeFileSync(join(folder, name), JSON.stringify(content));
  const flatten = (name: string): PrintedTreefile => {
    const problems = new Problems();
    const flat = flattenInto(join(folder, name), { arch: 'x86_64' }, problems);
    t.deepEqual(problems.diagnostics, []);
    return printTreefile(flat!);
  };
  fc.assert(
    fc.property(treefile, treefile, treefile, (top, a, b) => {
      write('b.json', b);
      write('a.yaml', { ...a, include: 'b.json' });
      write('top.json', { ...top, include: ['a.yaml'] });
      const printed = flatten('top.json');
      write('again.json', printed);
      write('again.yaml', printed);
      t.deepEqual(flatten('again.json'), printed);
      t.deepEqual(flatten('again.yaml'), printed);
    }),
    { numRuns: 100 },
  );
});

const comment = fc.constantFrom('', '# note', '    # deep note', '   ');
const yamlLines = fc
  .array(
    fc.oneof(
      fc.record({
        indent: fc.integer({ min: 0, max: 6 }),
        items: fc.array(fc.tuple(word, comment), { minLength: 1, maxLength: 4 }),
        before: comment,
      }),
    ),
    { maxLength: 5 },
  )
  .map((blocks) =>
    blocks.flatMap(({ indent, items, before }, index) => [
      before,
      `key${index}:  ${items.length % 2 === 0 ? '' : '   '}`,
      ...items.flatMap(([item, after]) => [`${' '.repeat(indent)}-  ${item}  `, after]),
    ]),
  );

test('fmt keeps the meaning and every comment, and has nothing left to do the second time', (t) => {
  fc.assert(
    fc.property(yamlLines, (lines) => {
      const before = lines.join('\n');
      const formatted = formatYaml(before);
      if ('reason' in formatted) return t.fail(formatted.reason);
      const after = formatted.text;
      t.deepEqual(formatYaml(after), { text: after });
      t.deepEqual(meaning(after), meaning(before));
      t.deepEqual(after.match(/#.*/g), before.match(/#.*/g));
    }),
    { numRuns: 300 },
  );
});

function meaning(text: string): unknown {
  const parsed = parseYaml(new SourceFile('x', text));
  return 'root' in parsed ? plainValue(parsed.root) : parsed.error.message;
}
