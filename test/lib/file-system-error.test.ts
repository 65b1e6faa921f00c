import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { explainFileSystemError, whyUnreadable } from '../../lib/file-system-error.ts';
import { writeFileAtomically } from '../../lib/files.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

const table: readonly (readonly [title: string, use: (folder: string) => Promise<unknown>, message: string])[] = [
  [
    'a file in place of a folder',
    (f) => mkdir(join(f, 'file')),
    'file cannot be made: something else is there already',
  ],
  ['a file above a folder', (f) => mkdir(join(f, 'file/a')), 'file/a cannot be made: a file is where a folder is due'],
  ['a folder in place of a file', (f) => writeFile(join(f, 'dir'), ''), 'dir cannot be opened: it is a folder'],
  ['links in a circle', (f) => readFile(join(f, 'self')), 'self cannot be opened: symbolic links lead in a circle'],
  [
    'a folder under the name of a file that is written beside it',
    (f) => writeFileAtomically(join(f, 'dir'), ''),
    'dir cannot be renamed: it is a folder',
  ],
  ['a list of a file', (f) => readdir(join(f, 'file')), 'file cannot be read: a file is where a folder is due'],
];

for (const [title, use, message] of table) {
  test(`explainFileSystemError() tells of ${title}, with a hint`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'dir'));
    await symlink('self', join(folder, 'self'));
    const explained = explainFileSystemError(await t.throwsAsync(use(folder)));
    t.is(explained?.message, `${folder}/${message}`);
    t.not(explained?.hint, '');
  });
}

test('explainFileSystemError() tells of folders that a read-only file system refuses, whatever Node calls that', async (t) => {
  const folder = await temporaryFolder(t);
  const modules = fileURLToPath(new URL('../../lib/', import.meta.url));
  const script = `import { mkdir } from 'node:fs/promises';
    import { explainFileSystemError } from '${modules}file-system-error.ts';
    await mkdir('a/b', { recursive: true }).catch((error) => console.log(explainFileSystemError(error)?.message));`;
  const mounted = `mount -t tmpfs -o ro tmpfs '${folder}' && cd '${folder}' && exec '${process.execPath}' --input-type=module -e "$1"`;
  const { stdout } = await run(['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', mounted, 'sh', script]);
  t.is(stdout.trim(), 'a cannot be made: the file system is read-only');
});

test('whyUnreadable() has words for what the operating system says, and passes other reasons on', async (t) => {
  const folder = await temporaryFolder(t);
  const reason = (path: string): Promise<string> => readFile(path, 'utf8').catch(whyUnreadable);
  t.is(await reason(join(folder, 'none')), 'no such file');
  t.is(await reason(folder), 'it is a folder');
  t.is(whyUnreadable(new Error('bad luck')), 'bad luck');
});

test('explainFileSystemError() leaves other errors, and files of Slipway itself, alone', (t) => {
  const denied = (path: string): Error => Object.assign(new Error('x'), { code: 'EACCES', syscall: 'open', path });
  t.is(explainFileSystemError(denied('/root/x'))?.message, '/root/x cannot be opened: permission denied');
  t.is(explainFileSystemError(denied(import.meta.filename)), null);
  t.is(explainFileSystemError(new TypeError('x')), null);
  t.is(explainFileSystemError(Object.assign(new Error('x'), { code: 'ENOENT', path: '/x' })), null);
  t.is(explainFileSystemError(undefined), null);
});
