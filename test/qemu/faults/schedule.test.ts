import test from 'ava';
import { seededRandom } from '../../../qemu/faults/random.ts';
import {
  chosenSeed,
  faultKinds,
  faultSchedule,
  faultScheduleWithCut,
  formatSchedule,
} from '../../../qemu/faults/schedule.ts';

test('seededRandom() gives the same numbers for a seed for ever', (t) => {
  const random = seededRandom('slipway');
  t.deepEqual([random.below(1000), random.below(1000), random.below(1000), random.below(1000)], [284, 246, 750, 895]);
});

test('seededRandom() spreads its numbers', (t) => {
  const random = seededRandom('spread');
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 10_000; draw++) counts[random.below(10)]!++;
  for (const count of counts) t.true(count > 850 && count < 1150, String(counts));
});

const request = { seed: 'a', kinds: faultKinds, count: 12, lengthMs: 60_000 };

test('faultSchedule() gives the same for a seed, and something else for another', (t) => {
  t.deepEqual(faultSchedule(request), faultSchedule(request));
  t.notDeepEqual(faultSchedule(request), faultSchedule({ ...request, seed: 'b' }));
});

test('faultSchedule() keeps its time, its order and one power cut, at the end', (t) => {
  for (let seed = 0; seed < 200; seed++) {
    const schedule = faultSchedule({ ...request, seed: String(seed) });
    const times = schedule.map((fault) => fault.atMs);
    t.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    t.true(schedule.every((fault) => fault.atMs + fault.durationMs <= 60_000));
    t.true(
      schedule.every(
        (fault) => (fault.durationMs === 0) === ['power-cut', 'time-jump', 'file-corrupt'].includes(fault.kind),
      ),
    );
    const cut = schedule.findIndex((fault) => fault.kind === 'power-cut');
    t.true(cut === -1 || cut === schedule.length - 1);
  }
  t.deepEqual(faultSchedule({ ...request, kinds: [] }), []);
});

test('faultScheduleWithCut() ends with a power cut in the second half', (t) => {
  const kinds = faultKinds.filter((kind) => kind !== 'power-cut');
  const moments = new Set<number>();
  for (let seed = 0; seed < 200; seed++) {
    const schedule = faultScheduleWithCut({ ...request, kinds, seed: String(seed) });
    const cut = schedule.at(-1)!;
    t.is(cut.kind, 'power-cut');
    t.true(cut.atMs >= 30_000 && cut.atMs < 60_000);
    t.true(schedule.slice(0, -1).every(({ kind, atMs }) => kind !== 'power-cut' && atMs < cut.atMs));
    moments.add(cut.atMs);
  }
  t.true(moments.size > 150);
});

test('chosenSeed() is the environment’s, else a new one', (t) => {
  t.is(chosenSeed('7f3a'), '7f3a');
  t.not(chosenSeed(''), chosenSeed(''));
});

test('formatSchedule() says the seed and each fault', (t) => {
  t.is(
    formatSchedule('a', [
      { kind: 'network-cut', atMs: 1500, durationMs: 2000, seed: 'a/0' },
      { kind: 'power-cut', atMs: 12_000, durationMs: 0, seed: 'a/1' },
    ]),
    'seed "a" (run it again with SLIPWAY_SEED):\n      1.500 s  network-cut for 2.000 s\n     12.000 s  power-cut',
  );
});
