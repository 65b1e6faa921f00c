import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { PackageLock } from '../../../compose/resolve/lock.ts';
import { keyNames, keyThemes, refusedKeys } from '../../../compose/treefile/keys.ts';
import { lintTreefile } from '../../../compose/treefile/lint.ts';
import { loadTreefile } from '../../../compose/treefile/load.ts';
import { checkLocked, lockConstraints } from '../../../compose/treefile/lock-constraints.ts';
import { readLockfile } from '../../../compose/treefile/lockfile.ts';
import { Problems } from '../../../compose/treefile/problems.ts';
import { plainValue } from '../../../compose/treefile/source/node.ts';
import { parseText } from '../../../compose/treefile/source/read.ts';
import { SourceFile } from '../../../compose/treefile/source/source-file.ts';
import type { JsonValue } from '../../../compose/treefile/treefile.ts';
import { type Diagnostic, DiagnosticsError } from '../../../lib/diagnostics.ts';
import { mutateTree } from './mutate-tree.ts';
import { generator, oneOf } from './random.ts';

const treefileRuns = 3_000;
const lockfileRuns = 1_000;
/** What a file as a whole lacks is said without a line. */
const placeless = ['missing-ref', 'no-packages'];

const shipped = new URL('../../../treefiles/', import.meta.url).pathname;
const keyWords = [
  ...keyNames(),
  ...refusedKeys.map(({ name }) => name),
  'packages-x86_64',
  'gpg_key',
  'if',
  'include',
  'repo',
];

test(`${treefileRuns} treefiles with mutated structure are loaded and linted without a crash`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(shipped, folder, { recursive: true });
  const seeds = treefileSeeds(folder);
  const random = generator(20_261_128);
  let refused = 0;
  for (let run = 0; run < treefileRuns; run++) {
    const { path, value } = seeds[run % seeds.length]!;
    const text = JSON.stringify(mutateTree(value, keyWords, random), null, 1);
    const file = join(dirname(path), `mutated.${oneOf(['yaml', 'json'], random)}`);
    writeFileSync(file, text);
    try {
      const found = await lintTreefile(file, { arch: 'x86_64' });
      const refusal = await loadTreefile(file, { arch: 'x86_64' }).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (refusal !== undefined && !(refusal instanceof DiagnosticsError)) throw refusal;
      if (refusal !== undefined) refused++;
      const isError = ({ severity }: Diagnostic): boolean => severity === 'error';
      if (found.some(isError) !== (refusal !== undefined)) t.fail(`lint and load disagree about:\n${text}`);
      const lost = found.find(({ code, position }) => position === undefined && !placeless.includes(code));
      if (lost !== undefined) t.fail(`${lost.message} has no place:\n${text}`);
    } catch (error) {
      t.fail(`${(error as Error).stack}\nrun ${run}, ${file}:\n${text}`);
      return;
    }
  }
  t.true(refused > treefileRuns / 5 && refused < treefileRuns, `${refused} of ${treefileRuns} were refused`);
});

test(`${lockfileRuns} lockfiles with mutated structure are read without a crash`, (t) => {
  const random = generator(20_261_129);
  const names = ['packages', 'metadata', 'kind', 'version', 'evr', 'evra', 'digest', 'generated', 'rpmmd_repos', 'foo'];
  let refused = 0;
  for (let run = 0; run < lockfileRuns; run++) {
    const text = JSON.stringify(mutateTree(lockfileSeeds[run % lockfileSeeds.length]!, names, random), null, 1);
    const problems = new Problems();
    try {
      const parsed = parseText(new SourceFile('lock.json', text), 'json');
      const lockfile = 'root' in parsed ? readLockfile(parsed.root, 'lock.json', problems) : undefined;
      if (problems.hasErrors) refused++;
      else {
        const constraints = lockConstraints([lockfile!], { strict: false });
        problems.diagnostics.push(...checkLocked(constraints, [], new Set()));
      }
    } catch (error) {
      t.fail(`${(error as Error).stack}\nrun ${run}:\n${text}`);
      return;
    }
    if (problems.diagnostics.some(({ position }) => position === undefined)) t.fail(`a problem has no place:\n${text}`);
  }
  t.true(refused > lockfileRuns / 5 && refused < lockfileRuns, `${refused} of ${lockfileRuns} were refused`);
});

/** The shipped treefiles in their folders, and the examples of three neighbouring keys at a time. */
function treefileSeeds(folder: string): { path: string; value: JsonValue }[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  const shippedSeeds = files.sort().map((name) => ({
    path: join(folder, name),
    value: yamlValue(readFileSync(join(folder, name), 'utf8')),
  }));
  const examples = keyThemes.flatMap(({ keys }) => keys.map(({ example }) => yamlValue(example) as object));
  const triples = examples.map((example, index) => ({
    path: join(folder, 'example.yaml'),
    value: {
      ...example,
      ...examples[index - 1],
      ...examples[index - 2],
      variables: { stream: 'x', debug: true },
    } as JsonValue,
  }));
  return [...shippedSeeds, ...triples];
}

function yamlValue(text: string): JsonValue {
  const parsed = parseText(new SourceFile('seed.yaml', text), 'yaml');
  if ('error' in parsed) throw new Error(parsed.error.message);
  return plainValue(parsed.root);
}

const ownLock: PackageLock = {
  kind: 'package-lock',
  version: 1,
  arch: 'x86_64',
  packages: ['i686', 'x86_64'].map((arch) => ({
    name: 'foo',
    epoch: 1,
    version: '1.0',
    release: '1',
    arch,
    checksum: { type: 'sha256', value: 'ab12' },
    size: 1,
    repo: 'fedora',
    url: 'file:///x',
  })),
  repos: [{ id: 'fedora', repomdDigest: 'aa', revision: '1' }],
};

const lockfileSeeds: readonly JsonValue[] = [
  JSON.parse(JSON.stringify(ownLock)) as JsonValue,
  {
    packages: {
      foo: { evra: '1.0-1.fc40.x86_64', digest: 'sha256:ab', metadata: { sourcerpm: 'foo-1.0-1.fc40.src.rpm' } },
      bar: { evr: '2.1-1', metadata: {} },
    },
    metadata: { generated: '2024-10-24T00:00:00Z', rpmmd_repos: { fedora: { generated: '2024-10-24T00:00:00Z' } } },
  },
];
