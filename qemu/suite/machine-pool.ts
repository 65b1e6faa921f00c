// The prepared machines of a run, one for each distinct need: made when first asked for, stopped when no longer needed.

import { canonicalJson } from '../../lib/documents.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import type { MachineGroup } from './machines.ts';
import { type MachineSettings, type PreparedMachine, prepareMachine } from './prepare-machine.ts';

export interface MachinePool {
  /** @throws UserError when the boot fails; the next call tries again. */
  prepare(group: MachineGroup, settings: MachineSettings): Promise<PreparedMachine>;
  /** Says that a group is done. */
  release(group: MachineGroup): Promise<void>;
  /** Stops all machines. */
  close(): Promise<void>;
}

interface PooledMachine {
  readonly imageIdentity: string;
  readonly prepared: PreparedMachine;
}

/**
 * @param keep keeps machines for later runs (`test watch`) until close(), or until the image is another one; else each is stopped when its group is done
 * @param prepareOne makes a machine
 */
export function machinePool(
  keep: boolean,
  tools: WorkerTools,
  prepareOne: typeof prepareMachine = prepareMachine,
): MachinePool {
  const machines = new Map<string, PooledMachine>();
  const idOf = ({ needs }: MachineGroup): string => canonicalJson(needs);
  const stop = async (id: string): Promise<void> => {
    const pooled = machines.get(id);
    machines.delete(id);
    await pooled?.prepared.stop();
  };
  return {
    prepare: async (group, settings) => {
      const { imageIdentity } = settings;
      for (const [id, pooled] of [...machines]) if (pooled.imageIdentity !== imageIdentity) await stop(id);
      const known = machines.get(idOf(group));
      if (known !== undefined) return known.prepared;
      const prepared = await prepareOne(group, settings, tools);
      machines.set(idOf(group), { imageIdentity, prepared });
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
