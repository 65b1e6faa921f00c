import test from 'ava';
import { Events } from '../../../lib/events.ts';
import { machinePool } from '../../../qemu/suite/machine-pool.ts';
import type { MachineSettings, PreparedMachine, prepareMachine } from '../../../qemu/suite/prepare-machine.ts';
import { plainNeeds } from './support/external-test.ts';

const tools = { events: new Events(), signal: new AbortController().signal };
const group = { needs: plainNeeds, tests: [] };

/** A pool whose machines only say that they were made and stopped. */
function loggedPool(keep: boolean) {
  const log: string[] = [];
  const prepare: typeof prepareMachine = async (_group, { imageIdentity }) => {
    log.push(`made from ${imageIdentity}`);
    return { stop: async () => void log.push(`stopped ${imageIdentity}`) } as PreparedMachine;
  };
  const pool = machinePool(keep, tools, prepare);
  const ask = (imageIdentity: string) => pool.prepare(group, { imageIdentity } as MachineSettings);
  return { log, pool, ask };
}

test('a pool that keeps machines boots anew when the image was rebuilt', async (t) => {
  const { log, pool, ask } = loggedPool(true);
  t.is(await ask('first'), await ask('first'));
  await pool.release(group);
  await ask('first');
  t.deepEqual(log, ['made from first']);
  await ask('second');
  t.deepEqual(log.slice(1), ['stopped first', 'made from second']);
  await pool.close();
  t.deepEqual(log.slice(3), ['stopped second']);
});

test('a pool that keeps none stops a machine when its group is done', async (t) => {
  const { log, pool, ask } = loggedPool(false);
  await ask('first');
  await pool.release(group);
  t.deepEqual(log, ['made from first', 'stopped first']);
});
