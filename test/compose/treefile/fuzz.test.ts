import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { checkValues } from '../../../compose/treefile/check-values.ts';
import { flattenInto } from '../../../compose/treefile/flatten.ts';
import { keyNames } from '../../../compose/treefile/keys.ts';
import { printTreefile } from '../../../compose/treefile/print.ts';
import { Problems } from '../../../compose/treefile/problems.ts';
import { readLayer } from '../../../compose/treefile/read-layer.ts';
import { dialectOf, parseText } from '../../../compose/treefile/source/read.ts';
import { SourceFile } from '../../../compose/treefile/source/source-file.ts';
import { substituteAll } from '../../../compose/treefile/substitute.ts';
import { formatDiagnostic } from '../../../lib/diagnostics.ts';
import { generator } from './random.ts';

/** Together with the mutated trees of fuzz-structure.test.ts these are 10,000 files. */
const runs = 6_000;
/** One run in so many writes its file and follows includes. */
const throughDisk = 10;

const seeds: readonly (readonly [name: string, text: string])[] = [
  ...yamlFilesBelow(new URL('../../../treefiles/', import.meta.url).pathname).map(
    (path) => ['top.yaml', readFileSync(path, 'utf8')] as const,
  ),
  [
    'top.yaml',
    'variables: {a: 1}\nconditional-include:\n  - if: [a >= 1, basearch == "x86_64"]\n    include: {packages: [x]}\n  - if: a == 2\n    include: [top.yaml]\n',
  ],
  [
    'top.yaml',
    `ref: &r x/\${basearch}\nmetadata: {a: *r, b: [1, 2.5, null]}\nadd-files: [[a, /etc/a]]\nremove-inherited: {packages: [x]}\n`,
  ],
  [
    'top.json',
    '{"ref": "a", "packages": ["a b", "\'c >= 1\'"], "repo-packages": [{"repo": "r", "packages": ["x"]}], "comment": "\\u0041"}',
  ],
  ['top.ks', '%packages --exclude-weakdeps\nvim\n-nano\n%include top.ks\n%end\n'],
];

const tokens = [
  ...keyNames(),
  ':',
  '- ',
  '  ',
  '\n',
  '\t',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ',',
  '&a ',
  '*a',
  '!!int ',
  '|',
  '>-',
  '#',
  '---',
  '%',
  '\u0000',
  '\u{1f600}',
  '\ufeff',
  '0',
  '-1',
  '1e400',
  'true',
  'null',
  '~',
  '<<',
  `\${a}`,
  '$',
  '\\',
  '\r',
];

test(`${runs} mutated files: never a crash, always a result or errors that point at a place`, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const random = generator(20_261_122);
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const [name, seed] = seeds[run % seeds.length]!;
    const text = mutate(seed, random);
    const problems = new Problems();
    const describe = (): string => `run ${run}, ${name}:\n${text}`;
    let done: boolean;
    try {
      done =
        run % throughDisk === 0 ? readFromDisk(join(folder, name), text, problems) : readText(name, text, problems);
    } catch (error) {
      t.fail(`${(error as Error).stack}\n${describe()}`);
      return;
    }
    for (const diagnostic of problems.diagnostics) {
      if (diagnostic.position === undefined || formatDiagnostic(diagnostic) === '')
        t.fail(`${diagnostic.message} has no place; ${describe()}`);
    }
    if (problems.hasErrors) refused++;
    else if (!done) t.fail(`neither a result nor an error; ${describe()}`);
  }
  t.true(refused > runs / 10 && refused < runs, `${refused} of ${runs} were refused`);
});

/** Without includes; most runs go this way, because a busy disk is slower than the reader by far. */
function readText(name: string, text: string, problems: Problems): boolean {
  const source = new SourceFile(name, text);
  const dialect = dialectOf(name);
  const result = parseText(source, dialect);
  if ('error' in result) {
    problems.error('syntax', result.error.message, result.error.span, result.error.hint);
    return false;
  }
  const { values } = readLayer(result.root, { source, directory: '/', via: [] }, { arch: 'x86_64', problems, dialect });
  substituteAll(values, new Map(), problems);
  checkValues(values, problems);
  return true;
}

function readFromDisk(path: string, text: string, problems: Problems): boolean {
  writeFileSync(path, text);
  const flat = flattenInto(path, { arch: 'x86_64' }, problems);
  if (flat !== undefined) JSON.stringify(printTreefile(flat));
  return flat !== undefined;
}

function mutate(text: string, random: (limit: number) => number): string {
  let mutated = text;
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(mutated.length + 1);
    const length = random(12);
    const kind = random(6);
    const token = tokens[random(tokens.length)]!;
    if (kind === 0) mutated = mutated.slice(0, at) + mutated.slice(at + length);
    else if (kind === 1) mutated = mutated.slice(0, at) + token + mutated.slice(at);
    else if (kind === 2) mutated = mutated.slice(0, at) + token + mutated.slice(at + length);
    else if (kind === 3)
      mutated = mutated.slice(0, at) + mutated.slice(at, at + length).repeat(2) + mutated.slice(at + length);
    else if (kind === 4) mutated = mutated.slice(0, at);
    else mutated = mutated.slice(0, at) + mutated.slice(at).split('\n').reverse().join('\n');
  }
  return mutated;
}

function yamlFilesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}
