// How long units took to start, from the times that the verdict gives. Pure.

import type { UnitTime } from './verdict.ts';

/** Units with a name of their own; devices, scopes and slices come and go. */
const lastingUnit = /\.(service|socket|mount|automount|swap|target|timer|path)$/;

export function isLasting({ unit }: Pick<UnitTime, 'unit'>): boolean {
  return lastingUnit.test(unit);
}

/** Milliseconds from the start of a unit until it was ready; null while it is still starting. */
export function startDurationMs({ startedAtUs, readyAtUs }: UnitTime): number | null {
  return readyAtUs === 0 ? null : Math.round((readyAtUs - startedAtUs) / 1000);
}
