import test from 'ava';
import { compareReports } from '../../../qemu/suite/compare.ts';
import { suiteReport, testResult } from './support/external-test.ts';

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
  const slowBoot = { ...machine!, times: { ...machine!.times!, total: 30_000 } };
  t.deepEqual(compareReports(previous, { ...current, machines: [slowBoot] }), [
    'breaks passed the last time',
    'mended failed the last time',
    'slow took 13.0 s, the last time 10.0 s',
    'the boot (1024 MiB, 1 more disk, quiet) took 30.0 s, the last time 20.0 s',
  ]);
  t.deepEqual(compareReports(previous, previous), []);
});
