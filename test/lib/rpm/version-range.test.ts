import test from 'ava';
import { rpmSense } from '../../../lib/rpm/tags.ts';
import { rangesOverlap, type VersionRange } from '../../../lib/rpm/version-range.ts';

/** `>= 1.0`, or empty for any version. */
function range(text: string): VersionRange {
  const [comparison = '', evr = ''] = text.split(' ');
  const bits = { '<': rpmSense.less, '=': rpmSense.equal, '>': rpmSense.greater };
  const flags = [...comparison].reduce((sum, sign) => sum | bits[sign as keyof typeof bits], rpmSense.triggerIn);
  return { flags, evr };
}

const pairs: readonly (readonly [string, string, boolean])[] = [
  ['= 2.0-1', '', true],
  ['', '< 1', true],
  ['= 2.0-1', '< 1.0', false],
  ['= 2.0-1', '< 2.0', false],
  ['= 2.0-1', '<= 2.0', true],
  ['= 2.0-1', '= 2.0', true],
  ['= 2.0-1', '= 2.0-1', true],
  ['= 2.0-1', '= 2.0-2', false],
  ['= 2.0-1', '>= 2.0', true],
  ['= 2.0-1', '> 2.0', false],
  ['= 2.0-1', '< 2.0-2', true],
  ['= 2.0-1', '> 2.0~rc1', true],
  ['= 1:1.0-1', '> 2.0', true],
  ['= 2.0-1', '>= 1:1.0', false],
  ['= 2.0-1', '= 0:2.0', true],
  ['< 2', '> 1', true],
  ['< 1', '> 2', false],
  ['<= 1', '>= 1', true],
  ['< 1', '>= 1', false],
];

for (const [a, b, expected] of pairs) {
  test(`rangesOverlap() says ${expected} for "${a}" and "${b}", either way round`, (t) => {
    t.is(rangesOverlap(range(a), range(b)), expected);
    t.is(rangesOverlap(range(b), range(a)), expected);
  });
}
