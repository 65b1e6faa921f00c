// The frozen machines of a run, one for each distinct need: made when first asked for, stopped when no longer needed.

import { canonicalJson } from '../../lib/documents.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { describeNeeds, type MachineGroup } from './machines.ts';
import { type MachineSettings, type PreparedMachine, prepareMachine } from './prepare-machine.ts';

export interface MachinePool {
  /** @throws UserError when the boot fails; the next call tries again. */
  prepare(group: MachineGroup, settings: MachineSettings): Promise<PreparedMachine>;
  /** Says that a group is done. */
  release(group: MachineGroup): Promise<void>;
  /** Stops all machines. */
  close(): Promise<void>;
}

/** @param keep keeps machines for later runs (`test watch`) until close(); else each is stopped when its group is done */
export function machinePool(keep: boolean, tools: WorkerTools): MachinePool {
  const machines = new Map<string, PreparedMachine>();
  const idOf = ({ needs }: MachineGroup): string => canonicalJson(needs);
  const stop = async (id: string): Promise<void> => {
    const prepared = machines.get(id);
    machines.delete(id);
    await prepared?.frozen.machine.stop();
  };
  return {
    prepare: async (group, settings) => {
      const known = machines.get(idOf(group));
      if (known !== undefined) return known;
      const prepared = await tools.events.step(`Boot and freeze a machine (${describeNeeds(group.needs)})`, () =>
        prepareMachine(group, settings, tools),
      );
      machines.set(idOf(group), prepared);
      return prepared;
    },
    release: async (group) => {
      if (!keep) await stop(idOf(group));
    },
    close: async () => {
      for (const id of [...machines.keys()]) await stop(id);
    },
  };
}
