import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { refuseForeignFolder } from '../../../compose/repository/foreign-folder.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { miniDistribution } from '../mini-distribution.ts';

test('refuseForeignFolder() takes repositories, empty folders and new ones', async (t) => {
  const folder = await temporaryFolder(t);
  const repo = join(folder, 'repo');
  await run(['ostree', 'init', `--repo=${repo}`, '--mode=archive']);
  await run(['ostree', 'summary', `--repo=${repo}`, '--update']);
  await mkdir(join(folder, 'empty'));
  for (const name of ['repo', 'empty', 'new']) await t.notThrowsAsync(refuseForeignFolder(join(folder, name)));
});

test('a compose writes no repository between files of others, and names one of them', async (t) => {
  const mini = await miniDistribution(t, []);
  const repo = join(mini.folder, 'mine');
  await mkdir(repo);
  await writeFile(join(repo, 'letter'), '');
  t.like(await t.throwsAsync(mini.compose({ repo })), {
    code: 'not-a-repository',
    message: `${repo} holds other files (letter) and is no OSTree repository`,
  });
  t.deepEqual(await readdir(repo), ['letter']);
});
