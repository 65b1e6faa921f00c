// The units of a boot and how long each took to start, as systemd-analyze(1) has them.

import type { Machine } from '../machine-run.ts';

export interface UnitTime {
  readonly unit: string;
  /** Milliseconds from the kernel's start until systemd began to start it. */
  readonly startedAtMs: number;
  /** Until it was active; 0 when it is not, or was at once. */
  readonly durationMs: number;
}

const properties = ['Id', 'Transient', 'InactiveExitTimestampMonotonic', 'ActiveEnterTimestampMonotonic'] as const;

/** Units with a name of their own; devices, scopes and slices come and go. */
const lastingUnit = /\.(service|socket|mount|automount|swap|target|timer|path)$/;

/** Asks the guest for all units that have been started. */
export async function readUnitTimes(machine: Machine): Promise<UnitTime[]> {
  const { stdout } = await machine.run(['systemctl', 'show', `--property=${properties.join(',')}`, '*']);
  return parseUnitTimes(stdout);
}

/** @param text blocks of `Name=value` lines with an empty line between, as systemctl(1) shows several units */
export function parseUnitTimes(text: string): UnitTime[] {
  return text
    .split('\n\n')
    .map((block) => new Map(block.split('\n').map((line) => line.split(/=(.*)/s, 2) as [string, string])))
    .flatMap((unit) => {
      const name = unit.get('Id') ?? '';
      const startedUs = Number(unit.get('InactiveExitTimestampMonotonic'));
      if (!lastingUnit.test(name) || unit.get('Transient') === 'yes' || !(startedUs > 0)) return [];
      const activeUs = Number(unit.get('ActiveEnterTimestampMonotonic'));
      const durationMs = Math.max(0, Math.round((activeUs - startedUs) / 1000));
      return [{ unit: name, startedAtMs: Math.round(startedUs / 1000), durationMs }];
    })
    .sort((a, b) => a.startedAtMs - b.startedAtMs || (a.unit < b.unit ? -1 : 1));
}
