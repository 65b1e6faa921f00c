import test from 'ava';
import { importsOf } from '../support/source-files.ts';
import { converterSources } from './convert/convert-all.ts';

test('the key of a cached RPM covers every module of the conversion', (t) => {
  const reached = new Set<string>();
  const queue = ['test/distro/convert/worker.ts'];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const found of importsOf(path)) if (found.path !== null) queue.push(found.path);
  }
  const expected = [...reached].filter((path) => path.startsWith('test/') || path.startsWith('lib/rpm/'));
  const base = new URL('file:///test/distro/convert/');
  const listed = converterSources.map((path) => new URL(path, base).pathname.slice(1));
  t.deepEqual(listed.sort(), expected.sort());
});
