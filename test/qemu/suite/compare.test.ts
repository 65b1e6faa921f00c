import test from 'ava';
import { compareReports } from '../../../qemu/suite/compare.ts';
import { mergeReports } from '../../../qemu/suite/merge-reports.ts';
import { plainNeeds, suiteReport, testResult } from './support/external-test.ts';

test('compareReports() tells tests that changed sides and what became slower, and leaves noise out', (t) => {
  const previous = suiteReport([
    testResult('breaks'),
    testResult('mended', { outcome: 'failed' }),
    testResult('slow', { durationMs: 10_000 }),
    testResult('noise', { durationMs: 1_000 }),
    testResult('gone'),
  ]);
  const current = suiteReport([
    testResult('breaks', { outcome: 'failed', durationMs: 60_000 }),
    testResult('mended', { durationMs: 60_000 }),
    testResult('slow', { durationMs: 13_000 }),
    testResult('noise', { durationMs: 2_500 }),
    testResult('new', { outcome: 'failed' }),
  ]);
  const [machine] = current.machines;
  const slowBoot = {
    ...machine!,
    times: { ...machine!.times!, total: 30_000 },
    units: [
      { unit: 'sshd.service', startedAtUs: 9000_000, readyAtUs: 11_800_000 },
      { unit: 'extra.service', startedAtUs: 9500_000, readyAtUs: 9_510_000 },
    ],
  };
  const imageBytes = 256 * 1024 * 1024;
  t.deepEqual(compareReports(previous, { ...current, imageBytes, machines: [slowBoot] }), [
    'breaks passed the last time',
    'mended failed the last time',
    'slow took 13.0 s, the last time 10.0 s',
    'the boot (1024 MiB, 1 more disk, quiet) took 30.0 s, the last time 20.0 s',
    'the start of sshd.service (1024 MiB, 1 more disk, quiet) took 2.8 s, the last time 0.3 s',
    'extra.service is new in the boot (1024 MiB, 1 more disk, quiet)',
    'the image has 256.0 MiB, the last time 200.0 MiB',
  ]);
  t.deepEqual(compareReports(previous, previous), []);
});

test('mergeReports() keeps tests and machines of the earlier run that this one had nothing to do with', (t) => {
  const previous = suiteReport([testResult('a', { outcome: 'failed' }), testResult('b'), testResult('c')]);
  const current = suiteReport([testResult('a'), testResult('d')]);
  const [machine] = current.machines;
  const other = { ...machine!, needs: plainNeeds, console: 'other' };
  const merged = mergeReports(
    { ...previous, machines: [machine!, other] },
    { ...current, durationMs: 5, changes: ['x'] },
  );
  t.deepEqual(
    merged.tests.map(({ name, outcome }) => `${name} ${outcome}`),
    ['a passed', 'b passed', 'c passed', 'd passed'],
  );
  t.like(merged, { passed: true, durationMs: 5, changes: ['x'] });
  t.deepEqual(
    merged.machines.map(({ console }) => console),
    ['machine-1-console.txt', 'other'],
  );
  t.false(mergeReports(previous, suiteReport([testResult('b')])).passed);
});
