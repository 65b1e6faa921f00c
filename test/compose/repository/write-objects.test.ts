import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { objectWriter } from '../../../compose/repository/write-objects.ts';
import { objectPath } from '../../../lib/ostree-objects.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

async function* content(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

/** As that of a damaged package. */
async function* brokenContent(): AsyncGenerator<Buffer> {
  yield Buffer.from('half');
  throw new Error('ends too early');
}

test('objectWriter() lets nothing that a failure left unfinished into the next object', async (t) => {
  const folder = await temporaryFolder(t);
  const [repo, work, victim] = [join(folder, 'repo'), join(folder, 'work'), join(folder, 'victim')];
  await run(['ostree', `--repo=${repo}`, 'init', '--mode=bare']);
  await mkdir(work);
  const objects = objectWriter(repo, work);
  await t.throwsAsync(objects.file(0o644, brokenContent()), { message: 'ends too early' });
  const link = objects.link('share');
  t.true(lstatSync(objectPath(repo, link, 'file')).isSymbolicLink());

  // A link whose way into the repository fails: its folder cannot be made.
  writeFileSync(victim, 'mine');
  const other = objectWriter(join(folder, 'none'), work);
  writeFileSync(join(folder, 'none'), '');
  t.throws(() => other.link(victim), { code: 'ENOTDIR' });
  const file = await other.file(0o4755, content('evil')).catch((error: NodeJS.ErrnoException) => error.code);
  t.is(file, 'ENOTDIR');
  t.is(readFileSync(victim, 'utf8'), 'mine');
  t.is(lstatSync(victim).mode & 0o7777, 0o644);
});

test('objectWriter() makes the object of a link once, wherever it leads', async (t) => {
  const folder = await temporaryFolder(t);
  const [repo, work] = [join(folder, 'repo'), join(folder, 'work')];
  await run(['ostree', `--repo=${repo}`, 'init', '--mode=bare']);
  await mkdir(work);
  const objects = objectWriter(repo, work);
  const path = objectPath(repo, objects.link('leads/nowhere'), 'file');
  const { ino } = lstatSync(path);
  objects.link('leads/nowhere');
  t.is(lstatSync(path).ino, ino);
});
