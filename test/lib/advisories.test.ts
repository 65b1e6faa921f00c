import test from 'ava';
import { type Advisory, advisoriesIn, advisoriesKey, fixedAdvisories } from '../../lib/advisories.ts';

function advisory(id: string, severity: Advisory['severity'], ...packages: string[]): Advisory {
  return { id, severity, packages, cveReferences: [] };
}

test('fixedAdvisories() tells what only the newer commit lists, of packages that it brings, the worst first', (t) => {
  const before = { packages: ['a-1-1.noarch', 'b-1-1.noarch'], advisories: [advisory('1', 'low', 'a-1-1.noarch')] };
  const after = {
    packages: ['a-2-1.noarch', 'b-1-1.noarch'],
    advisories: [
      advisory('1', 'low', 'a-2-1.noarch'),
      advisory('2', 'moderate', 'a-2-1.noarch'),
      advisory('3', 'critical', 'a-2-1.noarch', 'b-1-1.noarch'),
      advisory('4', 'critical', 'b-1-1.noarch'),
      advisory('5', 'none', 'a-2-1.noarch'),
      advisory('6', 'critical', 'a-2-1.noarch'),
    ],
  };
  const fixed = fixedAdvisories(before, after);
  t.deepEqual(
    fixed.map(({ id }) => id),
    ['3', '6', '2', '5'],
  );
  t.deepEqual(fixedAdvisories(after, after), []);
});

test('advisoriesIn() reads what old and later versions of rpm-ostree may write, and passes over other types', (t) => {
  const read = (type: string, value: unknown): Advisory[] =>
    advisoriesIn(new Map([[advisoriesKey, { type, value: value as string }]]));
  t.deepEqual(read('a(suuasa{sv})', [['A', 1, 9, ['a-1-1.noarch'], []]]), [advisory('A', 'none', 'a-1-1.noarch')]);
  t.deepEqual(read('s', 'A'), []);
  t.deepEqual(advisoriesIn(new Map()), []);
});
