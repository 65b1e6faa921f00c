import test from 'ava';
import plainTextWidth, { withPlainTextWidth } from '../../cli/plain-text-width.ts';

test('withPlainTextWidth() stands in for string-width, for as long as modules are loaded', async (t) => {
  const measurer: string = 'string-width';
  const loaded = (await withPlainTextWidth(() => import(measurer))) as { default: unknown };
  t.is(loaded.default, plainTextWidth);
  const later = (await import(measurer)) as { default: unknown };
  t.not(later.default, plainTextWidth);
});

test('plainTextWidth() counts characters and no colours', (t) => {
  t.is(plainTextWidth('\u001b[31mred\u001b[0m'), 3);
});
