import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { resultStore } from '../../../../compose/rootfs/results/store.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

test('a known result can be used that another compose removes meanwhile', async (t) => {
  const folder = await temporaryFolder(t);
  const store = resultStore(folder, 'initramfs-result');
  const seen = { entries: [], listings: [] };
  store.add('id', { kind: 'initramfs-result', version: 1, seen });
  const [known] = store.find('id');
  t.deepEqual(known?.result.seen, seen);
  await rm(join(folder, 'id'), { recursive: true });
  t.notThrows(() => known?.markUsed());
  t.deepEqual(store.find('id'), []);
});
