import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readWriteLog, survivingWrites, type WriteLog } from '../../../qemu/faults/write-log.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const sector = 512;
type Entry = { at: number; sectors: number; flags?: number } | 'flush' | 'hole';

function logBytes(entries: readonly Entry[], vouched: number): Buffer {
  const start = Buffer.alloc(sector);
  start.writeBigUInt64LE(0x6a736677736872n, 0);
  start.writeBigUInt64LE(1n, 8);
  start.writeBigUInt64LE(BigInt(vouched), 16);
  start.writeUInt32LE(sector, 24);
  const parts = entries.map((entry) => {
    const header = Buffer.alloc(sector);
    if (entry === 'hole') return header;
    if (entry === 'flush') {
      header.writeBigUInt64LE(1n, 16);
      return header;
    }
    header.writeBigUInt64LE(BigInt(entry.at), 0);
    header.writeBigUInt64LE(BigInt(entry.sectors), 8);
    header.writeBigUInt64LE(BigInt(entry.flags ?? 0), 16);
    return Buffer.concat([header, Buffer.alloc(entry.sectors * sector, entry.at)]);
  });
  return Buffer.concat([start, ...parts]);
}

async function read(t: ExecutionContext, bytes: Buffer): Promise<WriteLog> {
  const path = join(await temporaryFolder(t), 'write.log');
  await writeFile(path, bytes);
  const file = await open(path);
  try {
    return await readWriteLog(file);
  } finally {
    await file.close();
  }
}

const forced = 2;
const table: [title: string, entries: Entry[], vouched: number, surviving: number[]][] = [
  ['nothing that was never flushed', [{ at: 1, sectors: 1 }], 0, []],
  ['all before the last flush', [{ at: 1, sectors: 2 }, 'flush', { at: 3, sectors: 1 }, 'flush'], 4, [1, 3]],
  ['nothing behind the last flush', [{ at: 1, sectors: 1 }, 'flush', { at: 2, sectors: 1 }], 2, [1]],
  ['forced writes', ['flush', { at: 1, sectors: 1 }, { at: 2, sectors: 1, flags: forced }], 1, [2]],
  ['what comes before a hole', [{ at: 1, sectors: 1 }, 'flush', 'hole'], 2, [1]],
];

for (const [title, entries, vouched, surviving] of table) {
  test(`survivingWrites() keeps ${title}`, async (t) => {
    const log = await read(t, logBytes(entries, vouched));
    t.deepEqual(
      survivingWrites(log, () => false).map((write) => write.diskOffset / sector),
      surviving,
    );
  });
}

test('survivingWrites() lets chance decide only on what was not flushed', async (t) => {
  const log = await read(
    t,
    logBytes([{ at: 1, sectors: 1 }, 'flush', { at: 2, sectors: 1 }, { at: 3, sectors: 1 }], 2),
  );
  const asked: number[] = [];
  const writes = survivingWrites(log, ({ diskOffset }) => asked.push(diskOffset / sector) > 1);
  t.deepEqual(asked, [2, 3]);
  t.deepEqual(
    writes.map((write) => write.diskOffset / sector),
    [1, 3],
  );
});

test('readWriteLog() takes an empty file for a guest that wrote nothing', async (t) => {
  t.deepEqual(await read(t, Buffer.alloc(0)), { entries: [], vouched: 0 });
});

const wrong: [title: string, bytes: Buffer, message: string][] = [
  ['another file', Buffer.alloc(1024, 7), 'not a log of disk writes'],
  [
    'a hole before a flush that the guest was told of',
    logBytes([{ at: 1, sectors: 1 }, 'hole', 'flush'], 3),
    'the log has 1 whole entries, but 3 were written before a flush',
  ],
  [
    'a discard',
    logBytes([{ at: 1, sectors: 1, flags: 4 }], 0),
    'the log holds a discard, which its disk does not offer',
  ],
];

for (const [title, bytes, message] of wrong) {
  test(`readWriteLog() refuses ${title}`, async (t) => {
    await t.throwsAsync(read(t, bytes), { instanceOf: RangeError, message });
  });
}
