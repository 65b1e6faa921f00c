// With real scriptlets: when a result is used again, when not, and that the commit is the same either way.

import { readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  type Composed,
  cacheRepo,
  fileIn,
  type MiniDistribution,
  type MiniPackage,
  miniDistribution,
  step,
} from '../../mini-distribution.ts';

const other = (version: string): MiniPackage => ({
  name: 'other',
  version,
  files: [{ type: 'file', path: '/usr/share/other', content: version }],
});

/** Reads a file, looks for one that may not be there and lists a folder. */
const reader: MiniPackage = {
  name: 'reader',
  files: [{ type: 'directory', path: '/usr/lib/parts' }],
  scriptlets: {
    post: {
      script: `set -e
cat /usr/lib/parts/* > /etc/parts 2>/dev/null || true
[ ! -e /etc/reader.conf ] || cat /etc/reader.conf >> /etc/parts
echo "warning: said by reader" >&2
cd /etc
mkdir -p made/anew
ln -s ../parts made/link
rm -rf /usr/lib/heap
mkdir -m 750 /usr/lib/heap
chown 2:2 /usr/lib/heap`,
    },
  },
};

const part = (content: string, name = 'one'): MiniPackage => ({
  name: `part-${name}`,
  files: [
    { type: 'file', path: `/usr/lib/parts/${name}`, content },
    { type: 'file', path: '/usr/lib/heap/old', content: 'same in all' },
  ],
});

function scripts(composed: Composed): string | undefined {
  return step(composed, 'Run scriptlets').detail;
}

async function composeAgain(mini: MiniDistribution, packages: readonly MiniPackage[]): Promise<Composed> {
  await mini.publish(packages);
  await mini.treefile({});
  return mini.compose();
}

/** The same packages without anything remembered. */
async function composeAnew(t: ExecutionContext, mini: MiniDistribution): Promise<void> {
  const options = { repo: join(mini.folder, 'anew'), cacheDir: join(mini.folder, 'cache-anew'), parent: null };
  const anew = await mini.compose(options);
  t.is(scripts(anew), '1 scriptlets');
  const remembered = await mini.compose({ repo: join(mini.folder, 'remembered'), parent: null });
  t.is(remembered.checksum, anew.checksum);
}

test('a scriptlet whose world is as it was is not run again; the commit is the same, and so is what it said', async (t) => {
  const mini = await miniDistribution(t, [reader, part('1\n'), other('1')]);
  t.is(scripts(await mini.compose()), '1 scriptlets');
  const second = await composeAgain(mini, [reader, part('1\n'), other('2')]);
  t.is(scripts(second), '1 scriptlets, 1 with known results');
  t.is(await fileIn(second, '/usr/etc/parts'), '1\n');
  t.true(
    second.events.some((event) => event.type === 'warning' && /reader.*: warning: said by reader$/.test(event.message)),
  );
  await composeAnew(t, mini);
});

for (const [title, packages, parts] of [
  ['a file that it reads has changed', [reader, part('changed\n')], 'changed\n'],
  ['a folder that it lists has one name more', [reader, part('1\n'), part('2\n', 'two')], '1\n2\n'],
  [
    'a file is there that it looked for in vain',
    [reader, part('1\n'), { name: 'conf', files: [{ type: 'file', path: '/etc/reader.conf', content: 'conf\n' }] }],
    '1\nconf\n',
  ],
] as const satisfies readonly (readonly [string, readonly MiniPackage[], string])[]) {
  test(`a scriptlet runs again when ${title}`, async (t) => {
    const mini = await miniDistribution(t, [reader, part('1\n')]);
    await mini.compose();
    const second = await composeAgain(mini, packages);
    t.is(scripts(second), '1 scriptlets');
    t.is(await fileIn(second, '/usr/etc/parts'), parts);
    await composeAnew(t, mini);
  });
}

test('a scriptlet runs again when its text has changed, and for the trees of both texts the results are known', async (t) => {
  const writer = (word: string): MiniPackage => ({
    name: 'writer',
    scriptlets: { post: { script: `echo ${word} > /usr/lib/word` } },
  });
  const mini = await miniDistribution(t, [writer('a')]);
  await mini.compose();
  t.is(scripts(await composeAgain(mini, [writer('b')])), '1 scriptlets');
  const third = await composeAgain(mini, [writer('a')]);
  t.is(scripts(third), '1 scriptlets, 1 with known results');
  t.is(await fileIn(third, '/usr/lib/word'), 'a\n');
});

test('a scriptlet sees what another one has left, whether that one ran or not', async (t) => {
  const first = (word: string): MiniPackage => ({
    name: 'first',
    scriptlets: { post: { script: `echo ${word} > /etc/shared` } },
  });
  const second: MiniPackage = {
    name: 'second',
    requires: [{ name: 'first' }],
    scriptlets: { post: { script: 'read word < /etc/shared; echo "$word $word" >> /etc/shared' } },
  };
  const mini = await miniDistribution(t, [first('a'), second, other('1')]);
  await mini.compose();
  const unchanged = await composeAgain(mini, [first('a'), second, other('2')]);
  t.is(scripts(unchanged), '2 scriptlets, 2 with known results');
  t.is(await fileIn(unchanged, '/usr/etc/shared'), 'a\na a\n');
  const changed = await composeAgain(mini, [first('b'), second, other('2')]);
  t.is(scripts(changed), '2 scriptlets');
  t.is(await fileIn(changed, '/usr/etc/shared'), 'b\nb b\n');
});

test('a failed scriptlet leaves no result', async (t) => {
  const bad: MiniPackage = {
    name: 'bad',
    scriptlets: { post: { script: '[ -e /usr/share/other ] || exit 3; echo ok > /usr/lib/ok' } },
  };
  const mini = await miniDistribution(t, [bad]);
  t.like(await t.throwsAsync(mini.compose()), { code: 'scriptlet-failed' });
  t.like(await t.throwsAsync(mini.compose()), { code: 'scriptlet-failed' });
  t.is(await fileIn(await composeAgain(mini, [bad, other('1')]), '/usr/lib/ok'), 'ok\n');
});

test('a damaged or missing file among the results only means that the scriptlet runs again', async (t) => {
  const mini = await miniDistribution(t, [reader, part('1\n'), other('1')]);
  const first = await mini.compose();
  const files = join(dirname(cacheRepo(mini.folder)), 'results', 'files');
  for (const name of await readdir(files)) await writeFile(join(files, name), 'damaged');
  const damaged = await mini.compose({ force: true, parent: null, repo: join(mini.folder, 'second') });
  t.is(scripts(damaged), '1 scriptlets');
  await rm(files, { recursive: true });
  const missing = await mini.compose({ force: true, parent: null, repo: join(mini.folder, 'third') });
  t.is(scripts(missing), '1 scriptlets');
  t.is(missing.checksum, first.checksum);
  t.is(damaged.checksum, first.checksum);
});

test('a scriptlet that writes a file larger than Node reads at once runs in every compose', async (t) => {
  const script = 'truncate -s 2200M /var/large';
  const mini = await miniDistribution(t, [{ name: 'large', scriptlets: { post: { script } } }]);
  for (const options of [{}, { force: true }]) t.is(scripts(await mini.compose(options)), '1 scriptlets');
});
