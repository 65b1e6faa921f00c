import test from 'ava';
import type { ExternalTest } from '../../../qemu/suite/external/discover.ts';
import { type Budget, hostBudget, machineCostMiB } from '../../../qemu/suite/host-budget.ts';
import type { MachineGroup } from '../../../qemu/suite/machines.ts';
import { type GroupActions, runGroups } from '../../../qemu/suite/run-groups.ts';
import { type GroupState, nextWork } from '../../../qemu/suite/schedule.ts';
import { externalTest, plainNeeds } from './support/external-test.ts';

const waiting: GroupState = { phase: 'waiting', costMiB: 1000, frozen: true, testsLeft: 3, testsRunning: 0, kept: 0 };
const booting: GroupState = { ...waiting, phase: 'booting' };
const ready: GroupState = { ...waiting, phase: 'ready' };
const large: Budget = { slots: 2, memoryMiB: 16_000 };

const choices: readonly (readonly [
  title: string,
  groups: readonly GroupState[],
  budget: Budget,
  next: ReturnType<typeof nextWork>,
])[] = [
  ['the first boot', [waiting, waiting], large, { type: 'boot', group: 0 }],
  ['a second boot beside the first when no test can run', [booting, waiting], large, { type: 'boot', group: 1 }],
  [
    'the next boot before tests, so that it is ready when they end',
    [ready, waiting],
    large,
    { type: 'boot', group: 1 },
  ],
  ['tests beside a boot', [ready, booting, waiting], large, { type: 'test', group: 0 }],
  [
    'tests to their end before the next boot on one core',
    [ready, waiting],
    { ...large, slots: 1 },
    { type: 'test', group: 0 },
  ],
  ['the group with most tests left', [{ ...ready, testsLeft: 1 }, ready], large, { type: 'test', group: 1 }],
  ['nothing when all cores are at work', [{ ...ready, testsRunning: 2 }], large, null],
  ['nothing when all is done', [{ ...ready, phase: 'done' }], large, null],
  [
    'a test when memory is too short for one more boot',
    [ready, waiting],
    { slots: 2, memoryMiB: 2500 },
    { type: 'test', group: 0 },
  ],
  [
    'nothing when memory is too short for one more test',
    [{ ...ready, testsRunning: 1 }],
    { slots: 2, memoryMiB: 2500 },
    null,
  ],
  ['one test however short the memory is', [ready], { slots: 2, memoryMiB: 100 }, { type: 'test', group: 0 }],
  ['one boot however short the memory is', [waiting], { slots: 2, memoryMiB: 100 }, { type: 'boot', group: 0 }],
  [
    'nothing beside a machine that is kept when memory is short',
    [{ ...ready, testsRunning: 1, kept: 1 }],
    { slots: 2, memoryMiB: 3500 },
    null,
  ],
  [
    'a second test where nothing stays frozen',
    [{ ...ready, frozen: false, testsRunning: 1 }],
    { slots: 2, memoryMiB: 2000 },
    { type: 'test', group: 0 },
  ],
];
for (const [title, groups, budget, next] of choices) {
  test(`nextWork() chooses ${title}`, (t) => t.deepEqual(nextWork(groups, budget), next));
}

test('hostBudget() gives one machine to each core, unless somebody decides', (t) => {
  t.deepEqual(hostBudget({ cores: 8, freeMiB: 24_000 }, null), { slots: 8, memoryMiB: 24_000 });
  t.deepEqual(hostBudget({ cores: 8, freeMiB: 24_000 }, 3), { slots: 3, memoryMiB: Number.POSITIVE_INFINITY });
  t.is(machineCostMiB(1024, 'tcg') - machineCostMiB(1024, 'kvm'), 256);
});

const groups: readonly MachineGroup[] = [
  { needs: plainNeeds, tests: [externalTest('a1'), externalTest('a2'), externalTest('a3')] },
  { needs: { ...plainNeeds, memoryMiB: 2048 }, tests: [externalTest('b1'), externalTest('b2')] },
];

/** Notes what happens; a test takes one turn of the event loop, a boot three. */
function notes(changes: Partial<GroupActions<{ frozen: boolean }>> = {}) {
  const log: string[] = [];
  let atWork = 0;
  let most = 0;
  const work = async (name: string, turns: number): Promise<void> => {
    most = Math.max(most, ++atWork);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    log.push(name);
    atWork--;
  };
  const actions: GroupActions<{ frozen: boolean }> = {
    costMiB: ({ needs }) => needs.memoryMiB,
    boot: async ({ needs }) => {
      await work(`boot ${needs.memoryMiB}`, 3);
      return { frozen: true };
    },
    test: async (_prepared, { name }: ExternalTest) => {
      await work(name, 1);
      return { kept: false };
    },
    release: async ({ needs }) => void log.push(`release ${needs.memoryMiB}`),
    mustStop: () => false,
    ...changes,
  };
  return { log, actions, most: () => most };
}

test('runGroups() runs all tests, as many at once as there are cores, and releases each group once', async (t) => {
  const { log, actions, most } = notes();
  await runGroups(groups, { slots: 2, memoryMiB: 16_000 }, actions);
  t.is(most(), 2);
  t.deepEqual(log.toSorted(), ['a1', 'a2', 'a3', 'b1', 'b2', 'boot 1024', 'boot 2048', 'release 1024', 'release 2048']);
});

test('runGroups() runs tests of one group while the next one boots', async (t) => {
  const { log, actions } = notes();
  // Two boot at once at first; the third does while tests of the others run.
  const third = { needs: { ...plainNeeds, memoryMiB: 4096 }, tests: [externalTest('c1')] };
  await runGroups([...groups, third], { slots: 2, memoryMiB: 32_000 }, actions);
  const between = log.slice(log.indexOf('boot 2048') + 1, log.indexOf('boot 4096'));
  t.true(
    between.some((line) => /^[ab]\d$/.test(line)),
    log.join(' '),
  );
});

test('runGroups() goes on with other groups when a boot fails, and starts nothing when it must stop', async (t) => {
  const failing = notes({ boot: async ({ needs }) => (needs.memoryMiB === 1024 ? null : { frozen: true }) });
  await runGroups(groups, { slots: 2, memoryMiB: 16_000 }, failing.actions);
  t.deepEqual(failing.log, ['b1', 'b2', 'release 2048']);
  const stopping = notes();
  await runGroups(
    groups,
    { slots: 1, memoryMiB: 16_000 },
    { ...stopping.actions, mustStop: () => stopping.log.includes('a2') },
  );
  t.deepEqual(stopping.log, ['boot 1024', 'a1', 'a2', 'release 1024']);
});

test('runGroups() waits for what runs when something throws, releases what is left, and passes the first failure on', async (t) => {
  const { log, actions } = notes();
  const throwing = { ...actions, test: async () => Promise.reject(new Error('first')) };
  await t.throwsAsync(runGroups(groups, { slots: 2, memoryMiB: 16_000 }, throwing), { message: 'first' });
  t.deepEqual(
    log.filter((line) => line.startsWith('release')).length,
    log.filter((line) => line.startsWith('boot')).length,
  );
});

test('runGroups() leaves a group with a kept machine to its caller', async (t) => {
  const { log, actions } = notes();
  const keeping = { ...actions, test: async (_: unknown, { name }: ExternalTest) => ({ kept: name === 'a1' }) };
  await runGroups(groups, { slots: 1, memoryMiB: 16_000 }, keeping);
  t.deepEqual(
    log.filter((line) => line.startsWith('release')),
    ['release 2048'],
  );
});
