import test from 'ava';
import { chooseSize, derivedGuid, diskLayout, leastDiskSize, partitionNamed } from '../../images/layout.ts';
import { gibibyte, inMebibytes, mebibyte, parseSize } from '../../images/size.ts';
import { UserError } from '../../lib/errors.ts';

const seed = 'a'.repeat(64);

test('diskLayout() places bios, esp, bootenv and root in this order, with bootenv as partition 4', (t) => {
  const layout = diskLayout(4 * gibibyte, seed);
  const rows = layout.partitions.map(({ number, name, offset, size }) => [
    number,
    name,
    offset / mebibyte,
    size / mebibyte,
  ]);
  t.deepEqual(rows, [
    [1, 'bios', 1, 1],
    [2, 'esp', 2, 48],
    [3, 'root', 51, 4096 - 51 - 1],
    [4, 'bootenv', 50, 1],
  ]);
});

test('diskLayout() keeps partitions on whole mebibytes and leaves the last one for the second table, whatever the size', (t) => {
  for (const size of [200 * mebibyte, 201 * mebibyte + 512, 10 * gibibyte - 4096]) {
    const layout = diskLayout(size, seed);
    const root = partitionNamed(layout, 'root');
    t.is(root.size % mebibyte, 0);
    t.true(root.offset + root.size <= size - mebibyte);
    t.is(layout.size, size);
  }
});

test('diskLayout() derives other GUIDs from another commit and the same from the same', (t) => {
  const guids = (value: string): string[] => {
    const layout = diskLayout(gibibyte, value);
    return [layout.guid, ...layout.partitions.map((partition) => partition.guid)];
  };
  t.deepEqual(guids(seed), guids(seed));
  t.is(new Set([...guids(seed), ...guids('b'.repeat(64))]).size, 10);
});

test('derivedGuid() marks version 8 and the RFC 9562 variant', (t) => {
  for (const name of ['disk', 'esp', 'root', 'x']) {
    t.regex(derivedGuid(seed, name), /^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
  }
});

test('chooseSize() takes 4 GiB for small hosts and three times the content and 1 GiB for larger ones', (t) => {
  t.is(chooseSize({ bytes: 400 * mebibyte, inodes: 12_000 }, null).diskSize, 4 * gibibyte);
  t.is(chooseSize({ bytes: 2 * gibibyte, inodes: 50_000 }, null).diskSize, 8 * gibibyte);
  t.is(chooseSize({ bytes: 400 * mebibyte, inodes: 12_000 }, 8 * gibibyte + 5).diskSize, 8 * gibibyte);
});

test('chooseSize() gives two deployments of many small files enough inodes', (t) => {
  t.is(chooseSize({ bytes: 100 * mebibyte, inodes: 400_000 }, gibibyte).inodes, 800_000);
});

test('chooseSize() refuses a disk that is too small and says how much the host needs', (t) => {
  const content = { bytes: 400 * mebibyte, inodes: 12_000 };
  const error = t.throws(() => chooseSize(content, 300 * mebibyte), { instanceOf: UserError });
  t.is(error.code, 'image-too-small');
  t.is(error.message, `a disk of 300 MiB is too small: the host alone needs ${inMebibytes(leastDiskSize(content))}`);
  t.notThrows(() => chooseSize(content, leastDiskSize(content)));
});

for (const [text, bytes] of [
  ['8G', 8 * gibibyte],
  ['8GiB', 8 * gibibyte],
  ['1.5g', 1.5 * gibibyte],
  ['4096M', 4 * gibibyte],
  ['4294967296', 4 * gibibyte],
] as const) {
  test(`parseSize() reads ${text}`, (t) => {
    t.is(parseSize(text), bytes);
  });
}

for (const text of ['', 'big', '8 G', '-1G', '0', '8GG', '1e9', '99999999T']) {
  test(`parseSize() refuses "${text}"`, (t) => {
    t.is(t.throws(() => parseSize(text), { instanceOf: UserError }).code, 'size-invalid');
  });
}
