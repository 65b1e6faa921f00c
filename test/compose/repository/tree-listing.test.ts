import test from 'ava';
import { parseAttributes } from '../../../compose/repository/tree-listing.ts';

for (const [text, expected] of [
  ['@a(ayay) []', []],
  [`[(b'user.x', [byte 0x01, 0xff])]`, [['user.x', '01ff']]],
  [`[(b'user.empty', @ay [])]`, [['user.empty', '']]],
  [
    `[(b'user.a', b'one'), (b'user.b', [byte 0x02])]`,
    [
      ['user.a', '6f6e6500'],
      ['user.b', '02'],
    ],
  ],
  [String.raw`[(b'user.x', b'\001\377\n\\')]`, [['user.x', '01ff0a5c00']]],
  [`[(b'user.x', b"it's")]`, [['user.x', '6974277300']]],
] as const) {
  test(`parseAttributes() reads ${text}`, (t) => {
    t.deepEqual(
      [...parseAttributes(text)].map(([name, value]) => [name, value.toString('hex')]),
      expected.map((pair) => [...pair]),
    );
  });
}
