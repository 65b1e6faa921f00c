import test from 'ava';
import { runSchedule, type TargetMachine } from '../../../qemu/faults/run-schedule.ts';
import type { FaultKind, ScheduledFault } from '../../../qemu/faults/schedule.ts';

const { signal } = new AbortController();
const targets = { fillFolder: '/var', corruptPath: '/usr/bin/true', memoryMiB: 700 };

/** A machine that writes down what is done to it. @param doing runs in the place of a call of this name */
function observed(doing: Readonly<Record<string, () => Promise<void>>> = {}): {
  calls: string[];
  machine: TargetMachine<string>;
} {
  const calls: string[] = [];
  const call =
    (name: string) =>
    async (...values: unknown[]): Promise<void> => {
      const shown = values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)));
      calls.push(`${name}(${shown.join(', ')})`);
      await doing[name]?.();
    };
  const machine: TargetMachine<string> = {
    options: { memoryMiB: 1024 },
    network: { cut: call('cut'), delay: call('delay'), lose: call('lose'), mend: call('mend') },
    disk: { slow: call('slow'), fail: call('fail'), heal: call('heal'), fill: call('fill'), free: call('free') },
    jumpTime: call('jumpTime'),
    leaveMemory: call('leaveMemory'),
    corruptFile: async (...values) => {
      await call('corruptFile')(...values);
      return { offset: 0, bytes: [] };
    },
    powerCut: async (unflushed) => {
      await call('powerCut')(unflushed);
      return 'after';
    },
  };
  return { calls, machine };
}

function fault(kind: FaultKind, atMs: number, durationMs: number, seed = 'a'): ScheduledFault {
  return { kind, atMs, durationMs, seed };
}

const single: [fault: ScheduledFault, calls: string[]][] = [
  [fault('disk-full', 0, 5), ['fill(/var)', 'free(/var)']],
  [fault('disk-slow', 0, 5), ['slow({"operationsPerSecond":151})', 'heal()']],
  [fault('disk-failing', 0, 5), ['fail(write)', 'heal()']],
  [fault('network-cut', 0, 5), ['cut()', 'mend()']],
  [fault('network-slow', 0, 5), ['delay(348)', 'mend()']],
  [fault('network-loss', 0, 5), ['lose(0.3, a)', 'mend()']],
  [fault('memory-pressure', 0, 5), ['leaveMemory(700)', 'leaveMemory(1024)']],
  [fault('time-jump', 0, 0), ['jumpTime(27302)']],
  [fault('file-corrupt', 0, 0), ['corruptFile(/usr/bin/true, a)']],
];
for (const [one, expected] of single) {
  test(`runSchedule() does and ends ${one.kind}`, async (t) => {
    const { calls, machine } = observed();
    t.is(await runSchedule(machine, [one], targets, signal), null);
    t.deepEqual(
      calls.map((call) => call.replace(/(?<=\.\d)\d+/, '')),
      expected,
    );
  });
}

test('runSchedule() begins again what is not over when another fault of the same subject ends', async (t) => {
  const { calls, machine } = observed();
  await runSchedule(machine, [fault('network-cut', 0, 120), fault('network-slow', 20, 20)], targets, signal);
  t.deepEqual(calls, ['cut()', 'delay(348)', 'mend()', 'cut()', 'mend()']);
});

test('runSchedule() cuts the power at its time, whatever else hangs, and gives the next machine', async (t) => {
  const { calls, machine } = observed({ fill: () => new Promise(() => {}) });
  const schedule = [fault('disk-full', 0, 10), fault('power-cut', 30, 0, 'a/cut')];
  t.is(await runSchedule(machine, schedule, targets, signal), 'after');
  t.deepEqual(calls, ['fill(/var)', 'powerCut({"type":"chance","seed":"a/cut"})']);
});

test('runSchedule() ends what had begun when a fault cannot be done', async (t) => {
  const { calls, machine } = observed({ jumpTime: () => Promise.reject(new Error('no clock')) });
  const schedule = [fault('network-cut', 0, 60_000), fault('time-jump', 20, 0)];
  await t.throwsAsync(runSchedule(machine, schedule, targets, signal), { message: 'no clock' });
  t.deepEqual(calls, ['cut()', 'jumpTime(27302)', 'mend()']);
});

test('runSchedule() ends all when it is cancelled', async (t) => {
  const { calls, machine } = observed();
  const running = runSchedule(machine, [fault('disk-slow', 0, 60_000)], targets, AbortSignal.timeout(50));
  await t.throwsAsync(running, { name: 'AbortError' });
  t.is(calls.at(-1), 'heal()');
});
