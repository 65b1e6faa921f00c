import test from 'ava';
import fc from 'fast-check';
import { dictionaryOf, readVariant, type VariantValue, writeVariant } from '../../lib/gvariant.ts';

// The first ones are the examples of the GVariant specification, with numbers as in its big-endian form.
const table: readonly (readonly [type: string, value: VariantValue, hex: string])[] = [
  ['s', 'hello world', '68656c6c6f20776f726c6400'],
  ['mms', 'hello world', '68656c6c6f20776f726c64000000'],
  ['ab', [true, false, false, true, true], '0100000101'],
  ['(si)', ['foo', -1], '666f6f00ffffffff04'],
  [
    'a(si)',
    [
      ['hi', -2],
      ['bye', -1],
    ],
    '68690000fffffffe0300000062796500ffffffff040915',
  ],
  ['as', ['i', 'can', 'has', 'strings?'], '690063616e0068617300737472696e67733f0002060a13'],
  ['(ayas)', [Uint8Array.of(1), []], '0101'],
  ['(yu)', [7, 1], '0700000000000001'],
  ['t', 1n, '0000000000000001'],
  ['x', -2n, 'fffffffffffffffe'],
  ['q', 258, '0102'],
  ['d', 1.5, '3ff8000000000000'],
  ['mv', null, ''],
  ['v', { type: 's', value: 'x' }, '78000073'],
  ['{sv}', ['a', { type: 'b', value: true }], '610000000000000001006202'],
];

for (const [type, value, hex] of table) {
  test(`writeVariant() and readVariant() agree with the specification on ${type} ${hex}`, (t) => {
    t.is(writeVariant(type, value).toString('hex'), hex);
    t.deepEqual(readVariant(type, Buffer.from(hex, 'hex')), value);
  });
}

test('readVariant() reads back what writeVariant() writes, also with offsets of 2 and 4 bytes', (t) => {
  const metadata = fc.array(
    fc.tuple(
      fc.string().filter((text) => !text.includes('\0')),
      fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 8 }).map((value) => ({ type: 'aay', value })),
    ),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(metadata, (entries) => {
      const value = entries as unknown as VariantValue;
      t.deepEqual(readVariant('a{sv}', writeVariant('a{sv}', value)), value);
    }),
    { numRuns: 50 },
  );
  const large = [new Uint8Array(70_000), Uint8Array.of(1)];
  t.deepEqual(readVariant('aay', writeVariant('aay', large)), large);
});

test('dictionaryOf() finds entries by their key', (t) => {
  const bytes = writeVariant('a{sv}', [['key', { type: 'u', value: 5 }]]);
  t.deepEqual(dictionaryOf(readVariant('a{sv}', bytes)).get('key'), { type: 'u', value: 5 });
});

test('readVariant() refuses data that is too short and types that do not exist', (t) => {
  t.throws(() => readVariant('u', Uint8Array.of(1)), { instanceOf: RangeError });
  t.throws(() => readVariant('!', Uint8Array.of(1)), { message: 'there is no GVariant type !' });
});

test('readVariant() refuses types without an end and data that would be read more than once', (t) => {
  t.throws(() => readVariant('v', Buffer.from('\0((u')), { message: 'there is no GVariant type ((u' });
  const deep = `${'('.repeat(5000)}${')'.repeat(5000)}`;
  t.throws(() => readVariant('v', Buffer.from(`\0${deep}`)), { message: 'there is no GVariant type of 10000 letters' });
  t.deepEqual(readVariant('as', Buffer.from('a\0b\0\x02\x04')), ['a', 'b']);
  for (const offsets of ['\x04\x02\x04', '\x02\x09', '\xff\xff']) {
    t.throws(() => readVariant('as', Buffer.from(`a\0b\0${offsets}`, 'latin1')), { instanceOf: RangeError });
  }
});
