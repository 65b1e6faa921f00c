import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Events } from '../../lib/events.ts';
import { runInNamespace } from '../../lib/namespace.ts';
import { mountPoints, outermost } from '../../lib/read-only-host.ts';
import { temporaryFolder } from '../support/temporary.ts';

const module = new URL('../support/namespace-work.ts', import.meta.url);

test('makeHostReadOnly() leaves only the named folder and devices writable, for programs too', async (t) => {
  const folder = realpathSync(await temporaryFolder(t));
  mkdirSync(join(folder, 'open'));
  const paths = [join(folder, 'closed'), join(folder, 'open/file'), join(import.meta.dirname, 'closed'), '/dev/null'];
  const tools = { events: new Events(), signal: new AbortController().signal };
  const work = { writable: join(folder, 'open/not-there-yet'), paths };
  t.deepEqual(await runInNamespace(module, work, tools), [join(folder, 'open/file'), '/dev/null']);
  writeFileSync(join(folder, 'closed'), ''); // the world outside of the namespace is as before
});

test('mountPoints() reads the paths of mountinfo, strange ones too', (t) => {
  const line = (path: string): string => `36 35 98:0 /mnt1 ${path} rw,noatime master:1 - ext3 /dev/root rw\n`;
  t.deepEqual(mountPoints(line('/') + line('/a\\040b\\134c')), ['/', '/a b\\c']);
});

test('outermost() leaves out folders that lie in others', (t) => {
  t.deepEqual(outermost(['/a/b', '/ab', '/a', '/a/c/d', '/a']), ['/a', '/ab']);
  t.deepEqual(outermost(['/x', '/']), ['/']);
});
