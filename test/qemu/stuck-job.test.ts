import test from 'ava';
import { stuckUnit, wholeName } from '../../qemu/stuck-job.ts';

const table: [line: string, unit: string | null][] = [
  [
    '[***   ] Job dev-disk-by\\x2dlabel-root.device/start running (2min / no limit)',
    'dev-disk-by\\x2dlabel-root.device',
  ],
  [
    '[   ***] Job dev-disk-by\\x2dlabel-root.devic…tart running (4min 25s / no limit)',
    'dev-disk-by\\x2dlabel-root.devic',
  ],
  ['[  *** ] (1 of 2) Job hung.service/start running (1h 3s / no limit)', 'hung.service'],
  ['[***   ] Job hung.service/start running (1min 59s / no limit)', null],
  ['[***   ] Job slow.service/start running (2min 5s / 3min)', null],
  ['[  OK  ] Started hung.service - Hung.', null],
];

for (const [line, unit] of table) {
  test(`stuckUnit() is ${unit} for: ${line}`, (t) => t.is(stuckUnit(line, 120), unit));
}

test('wholeName() finds in an earlier line what a longer time has cut off', (t) => {
  const lines = ['[*] Job dev-disk-by\\x2dlabel-root.device/start running (7s / no limit)'];
  t.is(wholeName('dev-disk-by\\x2dlabel-root.devic', lines), 'dev-disk-by\\x2dlabel-root.device');
  t.is(wholeName('other.serv', lines), 'other.serv');
});
