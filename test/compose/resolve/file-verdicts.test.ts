import { createHash } from 'node:crypto';
import { link, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openFileVerdicts } from '../../../compose/resolve/file-verdicts.ts';

const { signal } = new AbortController();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('a digest is remembered for a file under all of its names, and not for what was written since', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-verdicts-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const [memory, file, name] = ['memory.json', 'file', 'name'].map((each) => join(folder, each)) as [
    string,
    string,
    string,
  ];
  await writeFile(file, 'one');
  await link(file, name); // which is a change for the inode's times
  const digestOf = async (path: string): Promise<string> => {
    const verdicts = await openFileVerdicts(memory);
    const { value } = await verdicts.digest(path, 'sha256', signal);
    await verdicts.save();
    return value;
  };
  t.is(await digestOf(file), sha256('one'));

  // A false memory shows whether the file was read.
  await writeFile(memory, (await readFile(memory, 'utf8')).replace(sha256('one'), 'remembered'));
  t.is(await digestOf(file), 'remembered');
  t.is(await digestOf(name), 'remembered');

  await writeFile(file, 'two');
  await utimes(file, 1, 1);
  t.is(await digestOf(name), sha256('two'));
});
