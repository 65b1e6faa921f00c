import { mkdirSync, opendirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { sortFolders } from '../../images/directory-order.ts';
import { memoryFor } from '../../images/scratch.ts';
import { gibibyte, mebibyte } from '../../images/size.ts';

test('memoryFor() takes memory only when the sysroot needs less than half of what is available', (t) => {
  const expected = 400 * mebibyte * 1.25 + 128 * mebibyte;
  t.is(memoryFor(400 * mebibyte, 8 * gibibyte), 2 * expected);
  t.is(memoryFor(400 * mebibyte, 2 * expected), 2 * expected);
  t.is(memoryFor(400 * mebibyte, 2 * expected - 1), null);
});

function unsortedNames(folder: string): string[] {
  const names: string[] = [];
  const handle = opendirSync(folder);
  for (let entry = handle.readSync(); entry !== null; entry = handle.readSync()) names.push(entry.name);
  handle.closeSync();
  return names;
}

test('sortFolders() makes readdir(2) of a tmpfs give names in one order, whatever order they were made in', async (t) => {
  const top = await mkdtemp('/dev/shm/slipway-test-');
  t.teardown(() => rm(top, { recursive: true, force: true }));
  const names = ['delta', 'alpha', 'echo', 'bravo', 'charlie'];
  for (const [index, root] of ['one', 'two'].entries()) {
    const order = index === 0 ? names : names.toReversed();
    for (const name of order) {
      mkdirSync(join(top, root, 'inner', name), { recursive: true });
      writeFileSync(join(top, root, `file-${name}`), name);
    }
    sortFolders(join(top, root), join(top, 'aside'));
  }
  t.deepEqual(unsortedNames(join(top, 'one')), unsortedNames(join(top, 'two')));
  t.deepEqual(unsortedNames(join(top, 'one/inner')), unsortedNames(join(top, 'two/inner')));
  const inner = unsortedNames(join(top, 'one/inner'));
  t.true([names.toSorted(), names.toSorted().toReversed()].some((order) => order.join() === inner.join()));
  t.is(readFileSync(join(top, 'one/file-echo'), 'utf8'), 'echo');
  t.deepEqual(unsortedNames(top).toSorted(), ['one', 'two']);
});
