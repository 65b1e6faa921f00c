import test from 'ava';
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
  ['/t/kola.json', ['a']],
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
