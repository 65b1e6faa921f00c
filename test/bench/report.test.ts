import test from 'ava';
import type { Measurement } from './measure.ts';
import { benchmarkPage, median, missedGoals, ratioOf, type Series } from './report.ts';

function runs(...seconds: number[]): Measurement[] {
  return seconds.map((each) => ({ seconds: each, peakNodeBytes: 100 * 1024 ** 2 }));
}

test('median() takes the middle, or the mean of the two in the middle', (t) => {
  t.is(median([3, 1, 2]), 2);
  t.is(median([4, 1, 2, 3]), 2.5);
});

test('ratioOf() compares run by run, so that a machine that grows slower does no harm', (t) => {
  t.is(ratioOf({ own: runs(1, 2, 4), peer: runs(2, 4, 8) }), 0.5);
  t.is(ratioOf({ own: runs(1), peer: [] }), null);
});

const series: Series = { name: 'x', own: runs(1, 3, 2), peer: runs(4, 4, 4), goal: {} };

for (const [goal, missed] of [
  [{}, []],
  [{ seconds: 2, ratio: 0.5, mebibytes: 100 }, []],
  [{ seconds: 1.5 }, ['2.00 s > 1.5 s']],
  [{ ratio: 0.4 }, ['0.50 > 0.4 of the peer']],
  [{ mebibytes: 99 }, ['100 MiB > 99 MiB']],
] as const) {
  test(`missedGoals() of ${JSON.stringify(goal)}`, (t) => {
    t.deepEqual(missedGoals({ ...series, goal }), missed);
  });
}

test('benchmarkPage() writes a table for each group, and says what was missed', (t) => {
  const machine = { processor: 'CPU', cores: 2, memoryBytes: 24 * 1024 ** 3, versions: ['Linux', 'Node 24'] };
  const group = { title: 'A group', explanation: 'What it is.', series: [{ ...series, goal: { seconds: 1 } }] };
  const lines = benchmarkPage([group], machine).split('\n');
  t.true(lines.includes('Machine: 2 × CPU, 24 GiB; Linux, Node 24.'));
  t.true(lines.includes('## A group'));
  t.true(
    lines.includes('| x | 2.00 s (1.00–3.00) | 4.00 s (4.00–4.00) | 0.50 | 100 MiB | 1 s (missed: 2.00 s > 1 s) |'),
  );
  t.true(lines.includes('What it is.'));
});
