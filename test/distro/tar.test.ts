import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { readTar } from './archive/tar.ts';

const longName = `./${'directory/'.repeat(12)}${'é'.repeat(60)}`;
const longTarget = '../'.repeat(50) + 'x';

for (const format of ['gnu', 'ustar', 'pax'] as const) {
  test(`readTar() reads what tar --format=${format} writes`, async (t) => {
    const folder = await temporaryFolder(t);
    const tree = join(folder, 'tree');
    const name = format === 'ustar' ? `./${'directory/'.repeat(12)}short` : longName;
    const target = format === 'ustar' ? '../x' : longTarget;
    await mkdir(join(tree, name, '..'), { recursive: true });
    await writeFile(join(tree, name), 'content', { mode: 0o600 });
    await symlink(target, join(tree, 'link'));
    const owner = ['--owner=root:0', '--group=shadow:42', '--mtime=@1600000000'];
    await run(['tar', '--create', `--format=${format}`, ...owner, '--file', join(folder, 'tar'), '-C', tree, '.']);
    const entries = [...readTar(await readFile(join(folder, 'tar')))];
    const file = entries.find((entry) => entry.type === 'file');
    t.like(file, { name, mode: 0o600, user: 'root', group: 'shadow', mtime: 1_600_000_000 });
    t.is(file?.content.toString(), 'content');
    t.like(
      entries.find((entry) => entry.type === 'symlink'),
      { name: './link', linkName: target },
    );
    t.is(entries.filter((entry) => entry.type === 'directory').length, 13);
  });
}

test('readTar() refuses an archive that ends within a file', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'a'), 'x'.repeat(2000));
  await run(['tar', '--create', '--file', join(folder, 'tar'), '-C', folder, 'a']);
  const archive = await readFile(join(folder, 'tar'));
  t.throws(() => [...readTar(archive.subarray(0, 1024))], { message: 'the archive ends within a' });
});
