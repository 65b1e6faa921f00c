import test from 'ava';
import { inParallel } from '../../../qemu/suite/in-parallel.ts';
import { affectedTests } from '../../../qemu/suite/watch.ts';
import { externalTest } from './support/external-test.ts';

const tests = [
  { ...externalTest('a'), executable: '/t/a.sh' },
  { ...externalTest('net'), executable: '/t/net/test.sh', dataFolder: '/t/net/data', ignition: '/t/net/config.ign' },
];
const changes: readonly (readonly [path: string, names: readonly string[]])[] = [
  ['/t/a.sh', ['a']],
  ['/t/net/data/deep/lib.sh', ['net']],
  ['/t/net/config.ign', ['net']],
  ['/t/net/kola.json', ['net']],
  ['/t/kola.json', ['a', 'net']],
  ['/t/net/.test.sh.swp', []],
];
for (const [path, names] of changes) {
  test(`affectedTests() gives ${names.length === 0 ? 'none' : names.join(' and ')} for ${path}`, (t) => {
    t.deepEqual(
      affectedTests(tests, new Set([path])).map(({ name }) => name),
      [...names],
    );
  });
}

test('inParallel() keeps so many at work, and starts none after a failure', async (t) => {
  let atWork = 0;
  let most = 0;
  const started: number[] = [];
  const work = async (item: number): Promise<void> => {
    started.push(item);
    most = Math.max(most, ++atWork);
    await new Promise((resolve) => setImmediate(resolve));
    atWork--;
    if (item === 3) throw new Error('third');
  };
  await inParallel([1, 2], 2, work);
  t.is(most, 2);
  await t.throwsAsync(inParallel([3, 4, 5, 6], 2, work), { message: 'third' });
  t.deepEqual(started, [1, 2, 3, 4]);
});
