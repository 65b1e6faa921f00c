import test from 'ava';
import { compareParts, compareVersions } from '../../../lib/rpm/compare-versions.ts';
import { run } from '../../../lib/run.ts';

const pairs: readonly (readonly [string, string])[] = [
  ['1.0', '1.0'],
  ['1.0', '2.0'],
  ['2.0.1', '2.0'],
  ['2.0.1a', '2.0.1'],
  ['5.5p1', '5.5p10'],
  ['10xyz', '10.1xyz'],
  ['xyz10', 'xyz10.1'],
  ['xyz.4', '8'],
  ['5.5p2', '5.6p1'],
  ['6.5p1', '5.6p1'],
  ['6.0.rc1', '6.0'],
  ['10b2', '10a1'],
  ['1.0aa', '1.0a'],
  ['10.0001', '10.1'],
  ['10.0001', '10.0039'],
  ['4.999.9', '5.0'],
  ['20101122', '20101121'],
  ['2_0', '2.0'],
  ['a', 'A'],
  ['1.0~rc1', '1.0'],
  ['1.0~rc1', '1.0~rc2'],
  ['1.0~rc1~git123', '1.0~rc1'],
  ['1.0^', '1.0'],
  ['1.0^git1', '1.0^git2'],
  ['1.0^git1', '1.01'],
  ['1.0^20160102', '1.0.1'],
  ['1.0~rc1^git1', '1.0~rc1'],
  ['1.0^git1~pre', '1.0^git1'],
  ['1.0^20160101^git1', '1.0^20160102'],
  ['99999999999999999999999', '100000000000000000000000'],
  ['1..2', '1.2'],
  ['1.', '1'],
  ['fc4', 'fc.4'],
];

test('compareParts() agrees with rpm', async (t) => {
  const both = [...pairs, ...pairs.map(([a, b]): [string, string] => [b, a])];
  const macro = both.map(([a, b]) => `%{lua:print(rpm.vercmp("${a}", "${b}"))}`).join('\n');
  const said = (await run(['rpm', '--eval', macro])).stdout.trim().split('\n').map(Number);
  t.deepEqual(
    both.map(([a, b]) => [a, b, Math.sign(compareParts(a, b))]),
    both.map(([a, b], at) => [a, b, said[at]!]),
  );
});

test('compareVersions() puts the epoch first and the release last', (t) => {
  const of = (epoch: number, version: string, release: string) => ({ epoch, version, release });
  t.true(compareVersions(of(1, '1', '1'), of(0, '9', '9')) > 0);
  t.true(compareVersions(of(0, '1', '9'), of(0, '2', '1')) < 0);
  t.true(compareVersions(of(0, '1', '1.fc9'), of(0, '1', '1.fc10')) < 0);
  t.is(compareVersions(of(0, '1', '1'), of(0, '1', '1')), 0);
});
