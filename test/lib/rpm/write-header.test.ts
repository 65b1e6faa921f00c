import test from 'ava';
import { encodeRpmHeader } from '../../../lib/rpm/write-header.ts';

test('encodeRpmHeader() sorts entries by tag, aligns numbers and closes with the region trailer', (t) => {
  const bytes = encodeRpmHeader(
    [
      { tag: 1005, type: 'int32', value: [0x01020304] },
      { tag: 1000, type: 'string', value: 'ab' },
      { tag: 1001, type: 'int16', value: [0xfffe] },
    ],
    63,
  );
  const words = [
    // magic, reserved, 4 entries, 28 bytes
    ...['8eade801', '00000000', '00000004', '0000001c'],
    // region 63: binary, 16 bytes at 12
    ...['0000003f', '00000007', '0000000c', '00000010'],
    ...['000003e8', '00000006', '00000000', '00000001'],
    ...['000003e9', '00000003', '00000004', '00000001'],
    ...['000003ed', '00000004', '00000008', '00000001'],
    // "ab\0", a byte of padding, int16, two bytes of padding, int32
    ...['61620000', 'fffe0000', '01020304'],
    // trailer: the index is 4 entries of 16 bytes before
    ...['0000003f', '00000007', 'ffffffc0', '00000010'],
  ];
  t.is(bytes.toString('hex'), words.join(''));
});
