import test from 'ava';
import { Events, type SlipwayEvent } from '../../lib/events.ts';

function recorded(): { events: Events; seen: SlipwayEvent[] } {
  const events = new Events();
  const seen: SlipwayEvent[] = [];
  events.listen((event) => seen.push(event));
  return { events, seen };
}

// Times differ from run to run.
function withoutTimes(seen: readonly SlipwayEvent[]): unknown[] {
  return seen.map((event) => (event.type === 'step-end' ? { ...event, durationMs: 0 } : event));
}

test('Events.step() reports start, progress, inner steps and end with the detail', async (t) => {
  const { events, seen } = recorded();
  const result = await events.step('Outer', async (step) => {
    step.progress(1, 2, 'files');
    const inner = await step.step('Inner', async (handle) => {
      handle.reused();
      return 20;
    });
    step.detail('2 files');
    return inner + 1;
  });
  t.is(result, 21);
  t.deepEqual(withoutTimes(seen), [
    { type: 'step-start', id: 1, parent: null, title: 'Outer' },
    { type: 'progress', id: 1, done: 1, total: 2, unit: 'files' },
    { type: 'step-start', id: 2, parent: 1, title: 'Inner' },
    { type: 'step-end', id: 2, title: 'Inner', outcome: 'reused', durationMs: 0 },
    { type: 'step-end', id: 1, title: 'Outer', outcome: 'done', durationMs: 0, detail: '2 files' },
  ]);
});

test('Events.step() reports a throw as failed and passes it on', async (t) => {
  const { events, seen } = recorded();
  await t.throwsAsync(
    events.step('Bad', async () => {
      throw new Error('boom');
    }),
    { message: 'boom' },
  );
  t.like(seen[1], { type: 'step-end', outcome: 'failed' });
});

test('Events.step() reports a bad result as failed without a throw', async (t) => {
  const { events, seen } = recorded();
  t.is(await events.step('Test', async (step) => step.failed()), undefined);
  t.like(seen[1], { type: 'step-end', outcome: 'failed' });
});

test('Events.forward() gives the steps of another process ids of their own', async (t) => {
  const { events, seen } = recorded();
  const feed = events.forward();
  feed({ type: 'step-start', id: 1, parent: null, title: 'Theirs' });
  await events.step('Ours', async () => {});
  feed({ type: 'step-start', id: 2, parent: 1, title: 'Within theirs' });
  feed({ type: 'progress', id: 2, done: 0, total: 1, unit: 'items' });
  feed({ type: 'step-end', id: 1, title: 'Theirs', outcome: 'done', durationMs: 5 });
  feed({ type: 'warning', message: 'careful' });
  t.deepEqual(withoutTimes(seen), [
    { type: 'step-start', id: 1, parent: null, title: 'Theirs' },
    { type: 'step-start', id: 2, parent: null, title: 'Ours' },
    { type: 'step-end', id: 2, title: 'Ours', outcome: 'done', durationMs: 0 },
    { type: 'step-start', id: 3, parent: 1, title: 'Within theirs' },
    { type: 'progress', id: 3, done: 0, total: 1, unit: 'items' },
    { type: 'step-end', id: 1, title: 'Theirs', outcome: 'done', durationMs: 0 },
    { type: 'warning', message: 'careful' },
  ]);
});
