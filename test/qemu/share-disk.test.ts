import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { startMachine } from '../../qemu/machine-run.ts';
import { shareDiskArgv } from '../../qemu/share-disk.ts';
import { tree } from '../support/temporary.ts';
import { haltingMachine } from './support/tiny-image.ts';

const tools = { events: new Events(), signal: new AbortController().signal };

test('shareDiskArgv() makes room for twice the content', (t) => {
  t.deepEqual(shareDiskArgv('/data', '/w/share-data.raw', { blocks: 10, entries: 3 }), [
    'mkfs.ext4',
    ...['-q', '-F', '-O', '^has_journal', '-b', '4096', '-N', '67', '-m', '0', '-E', 'root_owner=0:0'],
    ...['-d', '/data', '/w/share-data.raw', '1044'],
  ]);
});

test.serial('a machine gets a folder as a read-only disk that holds its files and names its tag', async (t) => {
  const folder = await tree(t, { word: 'from the host\n', 'deep/er/file': 'x' });
  await writeFile(join(folder, 'large'), Buffer.alloc(20 * 1024 * 1024, 1));
  for (let number = 0; number < 200; number++) await writeFile(join(folder, `deep/${number}`), '');
  const shares = [{ folder, tag: 'docs', as: 'disk' }] as const;
  const machine = await startMachine({ ...(await haltingMachine(t)), hardware: { shares } }, tools);
  t.teardown(() => machine.stop());
  t.regex(await machine.qemu.qmp.human('info block'), /share-docs\.raw \(raw, read-only\)/);
  const file = join(machine.folder, 'share-docs.raw');
  const { stdout } = await run(['debugfs', '-R', 'cat /word', file]);
  t.is(stdout, 'from the host\n');
  await run(['e2fsck', '-n', '-f', file]);
  await machine.snapshot('with-it');
});

test.serial('a tag that no disk can carry is refused', async (t) => {
  const shares = [{ folder: '/', tag: 'a-tag-of-more-letters', as: 'disk' }] as const;
  await t.throwsAsync(startMachine({ ...(await haltingMachine(t)), hardware: { shares } }, tools), {
    message: 'the tag "a-tag-of-more-letters" is too long for a disk',
  });
});
