import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { UserError } from '../../lib/errors.ts';
import { entriesInTree, entryInTree, inTree, resolveLinks } from '../../lib/in-tree.ts';
import { temporaryFolder, tree } from '../support/temporary.ts';

/** Path -> where it lies, links followed, and where its entry lies. */
const cases: readonly (readonly [path: string, followed: string, entry: string])[] = [
  ['', '/', '/'],
  ['/', '/', '/'],
  ['usr/bin/a', '/usr/bin/a', '/usr/bin/a'],
  ['/usr//./bin/a', '/usr/bin/a', '/usr/bin/a'],
  ['/bin/a', '/usr/bin/a', '/usr/bin/a'],
  ['/bin', '/usr/bin', '/bin'],
  ['/bin/', '/usr/bin', '/bin'],
  ['/absolute/a', '/usr/bin/a', '/usr/bin/a'],
  ['/host/passwd', '/etc/passwd', '/etc/passwd'],
  ['/above/a', '/usr/bin/a', '/usr/bin/a'],
  ['../../usr/bin', '/usr/bin', '/usr/bin'],
  ['/bin/../lib', '/usr/lib', '/usr/lib'],
  ['/chain/a', '/usr/bin/a', '/usr/bin/a'],
  ['/usr/dangling', '/usr/none/at/all', '/usr/dangling'],
  ['/usr/dangling/x', '/usr/none/at/all/x', '/usr/none/at/all/x'],
  ['/usr/bin/a/below-a-file', '/usr/bin/a/below-a-file', '/usr/bin/a/below-a-file'],
  ['/none/x', '/none/x', '/none/x'],
];

async function linkedTree(t: Parameters<typeof temporaryFolder>[0]): Promise<string> {
  const root = realpathSync(await tree(t, { 'usr/bin/a': 'a', 'usr/lib/b': 'b' }));
  const links = {
    bin: 'usr/bin',
    absolute: '/usr/bin',
    host: '/etc',
    above: '../../../../usr/bin',
    chain: 'absolute',
    'usr/dangling': 'none/at/all',
    loop: 'loop',
  };
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));
  return root;
}

test('inTree() and entryInTree() follow links as a program whose root is the tree does', async (t) => {
  const root = await linkedTree(t);
  const entry = entriesInTree(root);
  for (const [path, followed, itself] of cases) {
    t.is(inTree(root, path), join(root, followed), path);
    t.is(entryInTree(root, path), join(root, itself), path);
    if (!path.endsWith('/') && path !== '') t.is(entry(path), join(root, itself), path);
  }
});

test('inTree() names a link that leads to itself, and entryInTree() gives the link', async (t) => {
  const root = await linkedTree(t);
  const error = t.throws(() => inTree(root, '/loop/x'), { instanceOf: UserError });
  t.like(error, { code: 'link-loop', message: 'the links of the tree lead in a circle at /loop/x' });
  t.is(entryInTree(root, 'loop'), join(root, 'loop'));
});

test('inTree() never gives a path outside of the tree, whatever links there are', async (t) => {
  const outside = await temporaryFolder(t);
  const root = realpathSync(await temporaryFolder(t));
  mkdirSync(join(root, 'd/e'), { recursive: true });
  writeFileSync(join(outside, 'secret'), '');
  const targets = ['/', '..', '../..', outside, `../../../../../..${outside}`, '/proc/self/root', 'd/../../..'];
  for (const [index, target] of targets.entries()) {
    symlinkSync(target, join(root, 'd/e', `link-${index}`));
    const place = inTree(root, `d/e/link-${index}/secret`);
    t.true(place.startsWith(`${root}/`), `${target}: ${place}`);
  }
});

test('resolveLinks() says whether a program that is not confined would leave the tree', (t) => {
  const links = new Map([
    ['/usr/sbin', 'bin'],
    ['/var/run', '../run'],
    ['/host', '/etc'],
    ['/up', '../usr'],
  ]);
  const resolved = (path: string): string => {
    const { path: place, leaves } = resolveLinks(path, (each) => links.get(each) ?? null);
    return `${place} ${leaves}`;
  };
  t.is(resolved('/usr/sbin/tool'), '/usr/bin/tool false');
  t.is(resolved('/var/run/x'), '/run/x false');
  t.is(resolved('/host/x'), '/etc/x true');
  t.is(resolved('/up/x'), '/usr/x true');
});
