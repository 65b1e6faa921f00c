import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { explainFileSystemError } from '../../lib/file-system-error.ts';
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

test('explainFileSystemError() leaves other errors, and files of Slipway itself, alone', (t) => {
  const denied = (path: string): Error => Object.assign(new Error('x'), { code: 'EACCES', syscall: 'open', path });
  t.is(explainFileSystemError(denied('/root/x'))?.message, '/root/x cannot be opened: permission denied');
  t.is(explainFileSystemError(denied(import.meta.filename)), null);
  t.is(explainFileSystemError(new TypeError('x')), null);
  t.is(explainFileSystemError(Object.assign(new Error('x'), { code: 'ENOENT', path: '/x' })), null);
  t.is(explainFileSystemError(undefined), null);
});
