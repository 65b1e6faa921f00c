import { readFileSync } from 'node:fs';
import test from 'ava';
import { koffi } from '../../lib/koffi.ts';

test('koffi is the pinned version, and calls C functions', (t) => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: { koffi: string } };
  t.is(koffi.version, dependencies.koffi);
  t.is(koffi.load('libc.so.6').func('int getpid(void)')(), process.pid);
});
