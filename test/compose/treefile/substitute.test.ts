import test from 'ava';
import { substitute } from '../../../compose/treefile/substitute.ts';
import { merged, readTree } from './read-tree.ts';

const variables = new Map<string, boolean | number | string>([
  ['a', 'x'],
  ['n', 40],
  ['t', true],
]);
const texts: readonly [written: string, result: string][] = [
  [`\${a}/\${n}`, 'x/40'],
  [`\${t}`, 'true'],
  [`\${unknown}`, `\${unknown}`],
  ['$a {a}', '$a {a}'],
  [`\${a`, `\${a`],
  [`$\${a}`, '$x'],
];
for (const [written, result] of texts) {
  test(`substitute() makes ${JSON.stringify(result)} of ${JSON.stringify(written)}`, (t) => {
    t.is(substitute(written, variables), result);
  });
}

test('variables are put into exactly the keys that allow it', async (t) => {
  const v = `\${stream}`;
  const printed = await merged(t, {
    'top.yaml': JSON.stringify({
      variables: { stream: 'stable' },
      ref: `a/${v}`,
      rojig: { name: v, summary: v, license: v, description: v },
      metadata: { name: v, nested: { name: v }, list: [v] },
      'add-commit-metadata': { name: v },
      'automatic-version-prefix': v,
      'mutate-os-release': v,
      'platform-module': v,
      packages: [v],
      postprocess: [v],
      'gpg-key': v,
    }),
  });
  t.deepEqual(printed, {
    ref: 'a/stable',
    rojig: { name: 'stable', summary: 'stable', license: v, description: 'stable' },
    metadata: { name: 'stable', nested: { name: v }, list: [v] },
    'add-commit-metadata': { name: 'stable' },
    'automatic-version-prefix': 'stable',
    'mutate-os-release': 'stable',
    'platform-module': 'stable',
    packages: [v],
    postprocess: [v],
    'gpg-key': v,
  });
});

test('basearch and releasever are always there', async (t) => {
  const printed = await merged(
    t,
    { 'top.yaml': `include: a.yaml\nref: \${basearch}/\${releasever}\n`, 'a.yaml': 'releasever: 40\n' },
    'aarch64',
  );
  t.is(printed.ref, 'aarch64/40');
});

test('a variable with braces is an error, whether something is substituted or not', async (t) => {
  for (const line of ['ref: a/b', 'packages: [a]']) {
    const { problems } = await readTree(t, { 'top.yaml': `variables: {x: "a{b}"}\n${line}\n` });
    t.true(
      problems.startsWith(
        'error[bad-variable]: the variable x cannot be substituted: "$", "{" and "}" are not allowed in it\n  --> top.yaml:1:17',
      ),
    );
  }
});
