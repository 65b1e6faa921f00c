import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { flattenTreefile } from '../../../compose/treefile/flatten.ts';
import { merged, readTree } from './read-tree.ts';

test('includes come in the order include, arch-include, conditional-include', async (t) => {
  const { flat, problems } = await readTree(t, {
    'top.yaml': [
      'conditional-include: [{if: basearch == "x86_64", include: [c1.yaml, c2.yaml]}]',
      'arch-include: {x86_64: arch.yaml, aarch64: [other.yaml]}',
      'include: [a.yaml]',
    ].join('\n'),
    'a.yaml': 'include: aa.yaml\n',
    'aa.yaml': '',
    'arch.yaml': '',
    'c1.yaml': '',
    'c2.yaml': '',
  });
  t.is(problems, '');
  const order = flat!.layers.map(({ info }) => info.source.path.split('/').at(-1));
  t.deepEqual(order, ['top.yaml', 'a.yaml', 'aa.yaml', 'arch.yaml', 'c1.yaml', 'c2.yaml']);
});

test('names are relative to the file that includes', async (t) => {
  const printed = await merged(t, {
    'top.yaml': 'include: sub/a.yaml\n',
    'sub/a.yaml': 'include: [b.yaml, ../c.yaml]\n',
    'sub/b.yaml': 'packages: [b]\n',
    'c.yaml': 'packages: [c]\n',
  });
  t.deepEqual(printed.packages, ['b', 'c']);
});

test('a loop of includes is printed', async (t) => {
  const { problems } = await readTree(t, {
    'top.yaml': 'include: a.yaml\n',
    'a.yaml': 'include: [b.yaml]\n',
    'b.yaml': 'packages: [x]\ninclude: a.yaml\n',
  });
  t.is(
    problems,
    [
      'error[include-loop]: the includes go in a loop: a.yaml -> b.yaml -> a.yaml',
      '  --> b.yaml:2:10',
      '2 | include: a.yaml',
      '  |          ^^^^^^',
    ].join('\n'),
  );
});

test('a loop through a symbolic link is found', async (t) => {
  const { folder } = await readTree(t, { 'top.yaml': 'include: link.yaml\n' });
  await symlink('top.yaml', join(folder, 'link.yaml'));
  t.throws(() => flattenTreefile(join(folder, 'top.yaml')), { message: /the includes go in a loop/ });
});

function chain(length: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let n = 0; n <= length; n++)
    files[`f${n}.yaml`] = n === length ? 'packages: [deep]\n' : `include: f${n + 1}.yaml\n`;
  return files;
}

test('includes may be 50 deep', async (t) => {
  t.deepEqual((await merged(t, chain(50))).packages, ['deep']);
});

test('includes 51 deep are an error', async (t) => {
  const { problems } = await readTree(t, chain(51));
  t.true(problems.startsWith('error[include-depth]: includes are nested deeper than 50 files\n  --> f50.yaml:1:10'));
});

test('a missing include points at its line and suggests a neighbour', async (t) => {
  const { problems } = await readTree(t, { 'top.yaml': 'include:\n  - bsae.yaml\n', 'base.yaml': '' });
  t.is(
    problems,
    [
      'error[file-unreadable]: bsae.yaml does not exist',
      '  --> top.yaml:2:5',
      '2 |   - bsae.yaml',
      '  |     ^^^^^^^^^ did you mean "base.yaml"?',
    ].join('\n'),
  );
});

test("conditions see the file's own variables, its ancestors' and those of files read before, but not those of its includes", async (t) => {
  const printed = await merged(t, {
    'top.yaml':
      'variables: {own: 1}\nreleasever: 40\ninclude: [first.yaml, second.yaml]\nconditional-include: [{if: [own == 1, releasever >= 40], include: hit.yaml}]\n',
    'first.yaml': 'variables: {sibling: "x"}\n',
    'second.yaml': 'conditional-include: [{if: [sibling == "x", own == 1], include: hit2.yaml}]\n',
    'hit.yaml': 'packages: [hit]\n',
    'hit2.yaml': 'packages: [hit2]\n',
  });
  t.deepEqual(printed.packages, ['hit', 'hit2']);
  const { problems } = await readTree(t, {
    'top.yaml': 'include: a.yaml\nconditional-include: [{if: late == 1, include: hit.yaml}]\n',
    'a.yaml': 'variables: {late: 1}\n',
    'hit.yaml': '',
  });
  t.true(problems.startsWith("error[condition]: undefined variable 'late'\n  --> top.yaml:2:28"), problems);
});

test('the definition of a variable nearest to the first file stands', async (t) => {
  const printed = await merged(t, {
    'top.yaml': `variables: {stream: mine}\ninclude: a.yaml\nref: \${stream}\n`,
    'a.yaml': 'variables: {stream: theirs}\n',
  });
  t.is(printed.ref, 'mine');
});

test('all conditions of a list are evaluated, and all their errors come out', async (t) => {
  const { problems } = await readTree(t, {
    'top.yaml':
      'variables: {a: 1}\nconditional-include:\n  - if:\n      - a == 2\n      - b == 1\n      - a>=10\n    include: x.yaml\n',
  });
  t.deepEqual(problems.match(/^error.*$/gm), [
    "error[condition]: undefined variable 'b'",
    'error[condition]: expected one of ==, !=, >, >=, <, <= but got >=1',
  ]);
});

test('an inline treefile is merged before included files, without splitting and without what it cannot have', async (t) => {
  const { printed, problems } = await readTree(t, {
    'top.yaml': [
      'include: a.yaml',
      'units: [top.service]',
      'conditional-include:',
      '  - if: basearch == "x86_64"',
      '    include:',
      '      ref: inline',
      '      units: [inline.service]',
      '      packages: [podman >= 4]',
      '      variables: {x: 1}',
      '      packages-x86_64: [y]',
    ].join('\n'),
    'a.yaml': 'ref: a\nunits: [a.service]\n',
  });
  t.deepEqual(printed, {
    ref: 'inline',
    units: ['a.service', 'inline.service', 'top.service'],
    packages: ["'podman >= 4'"],
  });
  t.deepEqual(problems.match(/^warning.*$/gm), [
    'warning[no-effect]: "variables" has no effect in a treefile written inline',
    'warning[no-effect]: "packages-x86_64" has no effect in a treefile written inline',
  ]);
});

test('an inline treefile is not split, and its edition sets no defaults', async (t) => {
  const { printed, problems } = await readTree(t, {
    'top.yaml': [
      'conditional-include:',
      '  - if: []',
      '    include:',
      '      edition: "2024"',
      '      repo-packages: [{repo: r, packages: [podman >= 4]}]',
    ].join('\n'),
  });
  t.deepEqual(printed, { edition: '2024', 'repo-packages': [{ repo: 'r', packages: ["'podman >= 4'"] }] });
  t.deepEqual(problems.match(/^\w+\[.*$/gm), [
    'warning[no-effect]: "edition" sets no other keys in a treefile written inline',
  ]);
});

test('a list of no conditions holds, and one include that is wrong does not hide the others', async (t) => {
  t.deepEqual(
    await merged(t, {
      'top.yaml': 'conditional-include: [{if: [], include: a.yaml}]\n',
      'a.yaml': 'packages: [a]\n',
    }),
    { packages: ['a'] },
  );
  const { problems } = await readTree(t, {
    'top.yaml': 'conditional-include: [{if: [1], include: a.yaml}, {if: [], include: b.yaml}]\ninclude: [2, c.yaml]\n',
    'a.yaml': 'not: read\n',
    'b.yaml': 'wrong-b: 1\n',
    'c.yaml': 'wrong-c: 1\n',
  });
  t.deepEqual(problems.match(/--> .*/g), [
    '--> b.yaml:1:1',
    '--> c.yaml:1:1',
    '--> top.yaml:1:29',
    '--> top.yaml:2:11',
  ]);
});

test('a condition that does not hold leaves its include out', async (t) => {
  const printed = await merged(t, {
    'top.yaml':
      'conditional-include: [{if: basearch == "s390x", include: missing.yaml}, {if: basearch == "s390x", include: {packages: [x]}}]\n',
  });
  t.deepEqual(printed, {});
});

test('variables that are always there cannot be set', async (t) => {
  const { problems } = await readTree(t, {
    'top.yaml': 'variables: {basearch: x, releasever: 1}\nrepovars: {releasever: "1"}\n',
  });
  t.deepEqual(problems.match(/^error.*$/gm), [
    'error[reserved-variable]: the variable basearch cannot be set',
    'error[reserved-variable]: the variable releasever cannot be set',
    'error[reserved-variable]: the repository variable releasever cannot be set: it is always there',
  ]);
});
