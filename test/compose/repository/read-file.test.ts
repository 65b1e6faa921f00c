import { rmSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readCommitFile } from '../../../compose/repository/read-file.ts';
import { UserError } from '../../../lib/errors.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

for (const mode of ['bare', 'bare-user', 'bare-user-only', 'archive']) {
  test(`readCommitFile() reads files of a repository of mode ${mode}, and no links`, async (t) => {
    const folder = await temporaryFolder(t);
    const [tree, repo] = [join(folder, 'tree'), join(folder, 'repo')];
    await mkdir(join(tree, 'usr/etc'), { recursive: true });
    const text = 'root:x:0:0:Ünïcödé\n'.repeat(500);
    await writeFile(join(tree, 'usr/etc/passwd'), text);
    await writeFile(join(tree, 'usr/etc/empty'), '');
    await writeFile(join(folder, 'secret'), 'of the build machine');
    await symlink(join(folder, 'secret'), join(tree, 'usr/etc/link'));
    await run(['ostree', `--repo=${repo}`, 'init', `--mode=${mode}`]);
    const { stdout } = await run(['ostree', `--repo=${repo}`, 'commit', '--orphan', '--canonical-permissions', tree]);
    const commit = stdout.trim();
    const read = (path: string): Promise<string | null> => readCommitFile(repo, commit, path);
    t.is(await read('/usr/etc/passwd'), text);
    t.is(await read('/usr/etc/empty'), '');
    const child = join(folder, 'child');
    await run(['ostree', `--repo=${child}`, 'init', '--mode=archive']);
    await run(['ostree', `--repo=${child}`, 'pull-local', '--commit-metadata-only', repo, commit]);
    await run(['ostree', `--repo=${child}`, 'config', 'set', 'core.parent', repo]);
    t.is(await readCommitFile(child, commit, '/usr/etc/passwd'), text);
    for (const path of ['/usr/etc/link', '/usr/etc', '/usr/etc/none', '/none/passwd', '/usr/etc/passwd/x', '/']) {
      t.is(await read(path), null, path);
    }
  });
}

test('readCommitFile() tells a commit that is not there from one that is not whole', async (t) => {
  const folder = await temporaryFolder(t);
  const [tree, repo] = [join(folder, 'tree'), join(folder, 'repo')];
  await mkdir(tree);
  await writeFile(join(tree, 'file'), 'x');
  await run(['ostree', `--repo=${repo}`, 'init', '--mode=archive']);
  const { stdout } = await run(['ostree', `--repo=${repo}`, 'commit', '--orphan', tree]);
  const commit = stdout.trim();
  const codeOf = async (checksum: string): Promise<string | undefined> =>
    (await t.throwsAsync(readCommitFile(repo, checksum, '/file'), { instanceOf: UserError }))?.code;
  t.is(await codeOf('0'.repeat(64)), 'commit-not-found');
  const { stdout: object } = await run(['find', join(repo, 'objects'), '-name', '*.filez']);
  rmSync(object.trim());
  t.is(await codeOf(commit), 'commit-incomplete');
});
