import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { cacheRepo, fileIn, listing, type MiniDistribution, miniDistribution } from '../mini-distribution.ts';

async function commitLayer(
  mini: MiniDistribution,
  ref: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const repo = join(mini.folder, 'repo');
  const folder = join(mini.folder, ref.replace('/', '-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await run(['ostree', `--repo=${repo}`, 'init', '--mode=bare-user']);
  const owner = ['--owner-uid=0', '--owner-gid=0'];
  await run(['ostree', `--repo=${repo}`, 'commit', `--branch=${ref}`, ...owner, `--tree=dir=${folder}`]);
}

const app = {
  name: 'app',
  files: [
    { type: 'file', path: '/usr/share/app', content: 'packaged' },
    { type: 'file', path: '/etc/app.conf', content: 'packaged' },
  ],
  scriptlets: { post: { script: 'cat /etc/layer.conf > /usr/share/seen' } },
} as const;

test('layers add files, override layers replace them too, and both count as input', async (t) => {
  const mini = await miniDistribution(t, [{ ...app, files: [...app.files] }], {
    'ostree-layers': ['overlay/base'],
    'ostree-override-layers': ['overlay/dev'],
  });
  await commitLayer(mini, 'overlay/base', { 'usr/etc/layer.conf': 'from a layer', 'usr/share/added/file': 'a' });
  await commitLayer(mini, 'overlay/dev', { 'usr/share/app': 'replaced', 'etc/app.conf': 'replaced' });
  const composed = await mini.compose();
  t.is(await fileIn(composed, '/usr/share/seen'), 'from a layer');
  t.is(await fileIn(composed, '/usr/etc/layer.conf'), 'from a layer');
  t.is(await fileIn(composed, '/usr/share/added/file'), 'a');
  t.is(await fileIn(composed, '/usr/share/app'), 'replaced');
  t.is(await fileIn(composed, '/usr/etc/app.conf'), 'replaced');
  t.false((await listing(composed)).some((line) => / \/etc(\/|$)/.test(line)));
  await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'fsck', '--quiet']);

  t.false((await mini.compose()).changed);
  await commitLayer(mini, 'overlay/base', { 'usr/share/added/file': 'b' });
  const next = await mini.compose();
  t.true(next.changed);
  t.is(await fileIn(next, '/usr/share/added/file'), 'b');
});

test('a layer that brings another content for a packaged file, or does not exist, is named', async (t) => {
  const mini = await miniDistribution(t, [{ ...app, files: [...app.files], scriptlets: {} }], {
    'ostree-layers': ['overlay/rival'],
  });
  t.like(await t.throwsAsync(mini.compose()), {
    code: 'layer-not-found',
    message: `the layer overlay/rival is not in the repository ${join(mini.folder, 'repo')}`,
  });
  await commitLayer(mini, 'overlay/rival', { 'usr/share/app': 'other' });
  t.like(await t.throwsAsync(mini.compose()), {
    code: 'layer-conflict',
    message: 'the layer overlay/rival and the packages both bring a file app with different content',
  });
});

test('a layer with files below a packaged link that leads out of the tree is refused', async (t) => {
  const outside = await temporaryFolder(t);
  const link = { type: 'symlink', path: '/etc/l', target: outside } as const;
  const mini = await miniDistribution(t, [{ name: 'links', files: [link] }], { 'ostree-layers': ['overlay/plants'] });
  await commitLayer(mini, 'overlay/plants', { 'usr/etc/l/planted': 'x' });
  t.like(await t.throwsAsync(mini.compose()), {
    code: 'path-through-link',
    message: 'the layer overlay/plants brings the folder /usr/etc/l, which the tree has as a link that leads out of it',
  });
  t.deepEqual(await readdir(outside), []);
});
