import test from 'ava';
import fc from 'fast-check';
import { editDistance, nearestNames } from '../../lib/near-miss.ts';

const distances: readonly (readonly [string, string, number])[] = [
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', '', 3],
  ['pakages', 'packages', 1],
  ['packgaes', 'packages', 1],
  ['kitten', 'sitting', 3],
];

for (const [a, b, distance] of distances) {
  test(`editDistance() of "${a}" and "${b}" is ${distance}`, (t) => t.is(editDistance(a, b), distance));
}

test('editDistance() is symmetric, zero only for equal words, and at most the longer length', (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b);
      return (
        distance === editDistance(b, a) && (distance === 0) === (a === b) && distance <= Math.max(a.length, b.length)
      );
    }),
  );
  t.pass();
});

const names = ['packages', 'package', 'postprocess', 'ref', 'repos'];
const offered: readonly (readonly [word: string, nearest: readonly string[]])[] = [
  ['pakages', ['packages', 'package']],
  ['Packages', ['packages', 'package']],
  ['rep', ['ref']],
  ['zzz', []],
  ['', []],
];

for (const [word, nearest] of offered) {
  test(`nearestNames() offers ${JSON.stringify(nearest)} for "${word}"`, (t) => {
    t.deepEqual(nearestNames(word, names), nearest as string[]);
  });
}

test('nearestNames() offers at most the given number of names', (t) => {
  t.deepEqual(nearestNames('pakages', names, 1), ['packages']);
});
