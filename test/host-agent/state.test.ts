import { readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { type EventName, isWorking, next, type StateName, transitions } from '../../host-agent/agent/state.ts';
import { stateGraph } from '../../host-agent/agent/state-graph.ts';

const states = Object.keys(transitions) as StateName[];
const drawing = new URL('../../docs/host-agent.dot', import.meta.url);

test('stateGraph() is the drawing in docs/host-agent.dot', async (t) => {
  if (process.env.UPDATE_GRAPH === '1') await writeFile(drawing, stateGraph());
  t.is(await readFile(drawing, 'utf8'), stateGraph());
});

const walk = (from: StateName, events: readonly EventName[]): string => {
  let state = from;
  const actions: string[] = [];
  for (const event of events) {
    const transition = next(state, event)!;
    state = transition.state;
    actions.push(...transition.actions);
  }
  return `${actions.join(' ')} -> ${state}`;
};

test('next() walks an upgrade and arms the boot counter before staging', (t) => {
  const events: EventName[] = ['upgrade-asked', 'update-found', 'downloaded', 'seen-staged', 'reboot-asked'];
  t.is(walk('idle', events), 'check download arm-boot-counter stage reboot -> rebooting');
});

test('next() walks a rollback and arms the boot counter before the default changes', (t) => {
  t.is(walk('idle', ['rollback-asked', 'seen-reverted']), 'arm-boot-counter set-default -> reverted');
});

test('next() ends a check without an update where it began', (t) => {
  t.is(walk('staged', ['upgrade-asked', 'seen-staged']), 'check -> staged');
});

for (const state of states) {
  test(`next() continues from what ostree shows when the agent was killed in ${state}`, (t) => {
    t.is(next(state, 'seen-idle')?.state, 'idle');
    t.is(next(state, 'seen-staged')?.state, 'staged');
    t.is(next(state, 'seen-reverted')?.state, 'reverted');
  });

  test(`next() in ${state} ${isWorking(state) ? 'refuses requests and can fail' : 'takes requests'}`, (t) => {
    for (const event of ['upgrade-asked', 'rollback-asked', 'reboot-asked'] as const) {
      t.is(next(state, event) === undefined, isWorking(state));
    }
    t.is(next(state, 'failed')?.state, isWorking(state) ? 'failed' : undefined);
  });
}

test('next() reaches every state from idle', (t) => {
  const reached = new Set<StateName>(['idle']);
  for (const state of reached) for (const { state: to } of Object.values(transitions[state])) reached.add(to);
  t.deepEqual([...reached].sort(), [...states].sort());
});
