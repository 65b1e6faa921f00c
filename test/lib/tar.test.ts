import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { run } from '../../lib/run.ts';
import { type TarHeader, tarEnd, tarHeader, tarPadding } from '../../lib/tar.ts';
import { temporaryFolder } from '../support/temporary.ts';

const far = `${'folder/'.repeat(30)}file`;
const content = 'content';

const headers: readonly (readonly [header: TarHeader, listed: string])[] = [
  [{ type: 'directory', path: 'var/', mode: 0o1777 }, 'drwxrwxrwt 0/0 var/'],
  [{ type: 'file', path: 'a', mode: 0o4751, uid: 5, gid: 42, size: 7 }, '-rwsr-x--x 5/42 a'],
  [{ type: 'hardlink', path: 'b', target: 'a', mode: 0o4751, uid: 5, gid: 42 }, 'hrwsr-x--x 5/42 b link to a'],
  [{ type: 'symlink', path: 'c', target: far, mode: 0o777 }, `lrwxrwxrwx 0/0 c -> ${far}`],
  [{ type: 'file', path: far, mode: 0o644, size: 7 }, `-rw-r--r-- 0/0 ${far}`],
  [
    { type: 'file', path: 'd', mode: 0o644, uid: 4_000_000_000, gid: 3_000_000, size: 7 },
    '-rw-r--r-- 4000000000/3000000 d',
  ],
];

test('tarHeader() writes archives that tar reads: owners, modes, links, long names, ids beyond seven digits', async (t) => {
  const archive = join(await temporaryFolder(t), 'x.tar');
  const blocks = headers.flatMap(([header]) => [
    tarHeader(header),
    ...(header.type === 'file' ? [Buffer.from(content), tarPadding(content.length)] : []),
  ]);
  await writeFile(archive, Buffer.concat([...blocks, tarEnd()]));
  const { stdout } = await run(['tar', '--numeric-owner', '-tvf', archive]);
  const lines = stdout.trimEnd().split('\n');
  t.deepEqual(
    lines.map((line) => line.replace(/ +\d+ 1970-01-01 00:00 /, ' ')),
    headers.map(([, listed]) => listed),
  );
  t.is((await run(['tar', '-xOf', archive, far])).stdout, content);
});

test('tarHeader() keeps attributes byte for byte and in one order, so that equal files give equal bytes', (t) => {
  const xattrs = new Map([
    ['user.z', Buffer.from([0, 255, 10])],
    ['user.a', Buffer.from('text')],
  ]);
  const header = tarHeader({ type: 'file', path: 'x', mode: 0o644, xattrs });
  const records = header.subarray(512, 1024);
  const expected = Buffer.concat([
    Buffer.from('27 SCHILY.xattr.user.z='),
    Buffer.from([0, 255, 10]),
    Buffer.from('\n28 SCHILY.xattr.user.a=text\n'),
  ]);
  t.is(records.subarray(0, expected.length).toString('hex'), expected.toString('hex'));
  t.true(header.equals(tarHeader({ type: 'file', path: 'x', mode: 0o644, xattrs: new Map([...xattrs].reverse()) })));
});

test('tarPadding() fills the last block', (t) => {
  t.deepEqual(
    [0, 1, 511, 512, 513].map((size) => tarPadding(size).length),
    [0, 511, 1, 0, 511],
  );
});
