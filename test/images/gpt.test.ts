import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import test from 'ava';
import { guidBytes, partitionTable } from '../../images/gpt.ts';
import { diskLayout } from '../../images/layout.ts';
import { gibibyte, mebibyte } from '../../images/size.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

const seed = 'c'.repeat(64);

async function writtenDisk(folder: string, size: number): Promise<string> {
  const layout = diskLayout(size, seed);
  const table = partitionTable(layout);
  const path = join(folder, 'disk.raw');
  const file = await open(path, 'wx');
  await file.truncate(size);
  await file.write(table.primary, 0, table.primary.length, 0);
  await file.write(table.backup, 0, table.backup.length, table.backupOffset);
  await file.close();
  return path;
}

for (const size of [300 * mebibyte, 4 * gibibyte, 3 * 1024 * gibibyte]) {
  test(`partitionTable() of a disk of ${size / mebibyte} MiB has no problems for sgdisk`, async (t) => {
    const disk = await writtenDisk(await temporaryFolder(t), size);
    t.regex((await run(['sgdisk', '--verify', disk])).stdout, /No problems found/);
  });
}

test('partitionTable() is read by sgdisk with the names, types, places and GUIDs of the layout', async (t) => {
  const layout = diskLayout(gibibyte, seed);
  const disk = await writtenDisk(await temporaryFolder(t), gibibyte);
  t.regex((await run(['sgdisk', '--print', disk])).stdout, new RegExp(`Disk identifier \\(GUID\\): ${layout.guid}`));
  for (const partition of layout.partitions) {
    const { stdout } = await run(['sgdisk', `--info=${partition.number}`, disk]);
    t.regex(stdout, new RegExp(`Partition GUID code: ${partition.type}`));
    t.regex(stdout, new RegExp(`Partition unique GUID: ${partition.guid}`));
    t.regex(stdout, new RegExp(`First sector: ${partition.offset / 512} `));
    t.regex(stdout, new RegExp(`Last sector: ${(partition.offset + partition.size) / 512 - 1} `));
    t.regex(stdout, new RegExp(`Partition name: '${partition.name}'`));
  }
});

test('partitionTable() is restored by sgdisk from the copy at the end when the first one is lost', async (t) => {
  const disk = await writtenDisk(await temporaryFolder(t), gibibyte);
  const file = await open(disk, 'r+');
  await file.write(Buffer.alloc(33 * 512), 0, 33 * 512, 512); // all but the protective MBR
  await file.close();
  const { stdout } = await run(['sgdisk', '--print', disk], { okExitCodes: [0, 2] });
  t.regex(stdout, /bootenv/);
});

test('partitionTable() checks its header with the header CRC at zero (UEFI 2.10, 5.3.2)', (t) => {
  const { primary } = partitionTable(diskLayout(gibibyte, seed));
  const header = Buffer.from(primary.subarray(512, 512 + 92));
  const stored = header.readUInt32LE(16);
  header.writeUInt32LE(0, 16);
  t.is(stored, crc32(header));
});

test('guidBytes() turns the first three fields around (UEFI 2.10, appendix A)', (t) => {
  t.is(guidBytes('C12A7328-F81F-11D2-BA4B-00A0C93EC93B').toString('hex'), '28732ac11ff8d211ba4b00a0c93ec93b');
});
