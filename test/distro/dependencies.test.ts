import test from 'ava';
import {
  conflictsFromDebian,
  dependenciesFromDebian,
  evrFromDebian,
  obsoletesFromDebian,
  virtualNames,
} from './convert/dependencies.ts';

const versions: readonly [debian: string, epoch: number, version: string, release: string][] = [
  ['1.2', 0, '1.2', '0'],
  ['1.2-3', 0, '1.2', '3'],
  ['1:1.2-3', 1, '1.2', '3'],
  ['2:4.0.4-9+b1', 2, '4.0.4', '9+b1'],
  ['1.2-rc1-3', 0, '1.2.rc1', '3'],
  ['257.13-1~deb13u1', 0, '257.13', '1~deb13u1'],
  ['1:1.3.dfsg+really1.3.1-1+b1', 1, '1.3.dfsg+really1.3.1', '1+b1'],
  ['1:2.47.3-.', 1, '2.47.3', '99999'],
];
for (const [debian, epoch, version, release] of versions) {
  test(`evrFromDebian() reads ${debian}`, (t) => {
    t.deepEqual(evrFromDebian(debian), { epoch, version, release });
  });
}

const fields: readonly [field: string, expected: ReturnType<typeof dependenciesFromDebian>][] = [
  ['', []],
  ['a', [{ name: 'a' }]],
  ['a, b', [{ name: 'a' }, { name: 'b' }]],
  ['perl:any', [{ name: 'perl' }]],
  ['a (<< 1)', [{ name: 'a', comparison: '<', version: '1-0' }]],
  ['a (<= 1-2)', [{ name: 'a', comparison: '<=', version: '1-2' }]],
  ['a (= 3:1-2)', [{ name: 'a', comparison: '=', version: '3:1-2' }]],
  ['a (>= 1~rc1)', [{ name: 'a', comparison: '>=', version: '1~rc1-0' }]],
  ['a(>>1)', [{ name: 'a', comparison: '>', version: '1-0' }]],
  ['a (< 1)', [{ name: 'a', comparison: '<=', version: '1-0' }]],
  ['a | b', [{ name: '(a or b)' }]],
  ['a (>= 1) | b:any | c (<< 2-1), d', [{ name: '(a >= 1-0 or b or c < 2-1)' }, { name: 'd' }]],
  ['libstdc++6 (>= 14),\n g++', [{ name: 'libstdc++6', comparison: '>=', version: '14-0' }, { name: 'g++' }]],
];
for (const [field, expected] of fields) {
  test(`dependenciesFromDebian() maps ${JSON.stringify(field)}`, (t) => {
    t.deepEqual(dependenciesFromDebian(field), expected);
  });
}

test('dependenciesFromDebian() names text that is no dependency', (t) => {
  t.throws(() => dependenciesFromDebian('(>= 1)'), { message: '"(>= 1)" is not a Debian dependency' });
});

test('virtualNames() holds names that are provided without a version and are no package', (t) => {
  const names = virtualNames([
    { name: 'a', provides: 'v, b, w (= 1)' },
    { name: 'b', provides: '' },
  ]);
  t.deepEqual([...names], ['v']);
});

test('conflictsFromDebian() leaves out the package itself and versioned conflicts with virtual names', (t) => {
  const conflicts = { conflicts: 'me, virtual (<< 2), other (<< 2)', breaks: 'virtual, third' };
  t.deepEqual(conflictsFromDebian('me', conflicts, new Set(['virtual'])), [
    { name: 'other', comparison: '<', version: '2-0' },
    { name: 'virtual' },
    { name: 'third' },
  ]);
});

test('obsoletesFromDebian() takes names that are in Conflicts, Replaces and Provides without a version', (t) => {
  const conflicts = [
    { name: 'a' },
    { name: 'b' },
    { name: 'c', comparison: '<', version: '1-0' } as const,
    { name: 'd' },
  ];
  t.deepEqual(obsoletesFromDebian(conflicts, 'a, c, d', [{ name: 'a' }, { name: 'b' }, { name: 'c' }]), [
    { name: 'a' },
  ]);
});
