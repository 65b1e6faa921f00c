import test from 'ava';
import { textWidth } from '../../lib/text-width.ts';

const widths: readonly (readonly [text: string, width: number])[] = [
  ['plain text', 10],
  ['', 0],
  ['größer', 6],
  ['e\u0301', 1],
  ['日本語', 6],
  ['한글', 4],
  ['ｆｕｌｌ', 8],
  ['\u{1f600}', 2],
  ['\u{1f468}\u200d\u{1f469}', 2],
  ['a\u200bb', 2],
];
for (const [text, width] of widths) {
  test(`${JSON.stringify(text)} is ${width} columns wide`, (t) => t.is(textWidth(text), width));
}
