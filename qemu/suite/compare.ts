// What is different from the last run, in sentences: tests that changed sides, what became slower, new units, a bigger image. Pure.

import { canonicalJson } from '../../lib/documents.ts';
import { isLasting, startDurationMs } from '../unit-times.ts';
import { describeNeeds } from './machines.ts';
import type { MachineResult, SuiteReport } from './report.ts';

/** Slower by less is noise. */
const slowerFactor = 1.3;
const slowerMs = 2_000;
/** Bigger by less is noise: file systems and compression round. */
const biggerFactor = 1.01;

export function compareReports(previous: SuiteReport, current: SuiteReport): string[] {
  const before = new Map(previous.tests.map((test) => [test.name, test]));
  const tests = current.tests.flatMap((test) => {
    const last = before.get(test.name);
    if (last === undefined) return [];
    if (last.outcome === 'passed' && test.outcome === 'failed') return [`${test.name} passed the last time`];
    if (last.outcome === 'failed' && test.outcome === 'passed') return [`${test.name} failed the last time`];
    return test.outcome === 'passed' ? slower(test.name, last.durationMs, test.durationMs) : [];
  });
  const boots = current.machines.flatMap((machine) => {
    const last = previous.machines.find(({ needs }) => canonicalJson(needs) === canonicalJson(machine.needs));
    return last === undefined ? [] : compareBoots(last, machine);
  });
  return [...tests, ...boots, ...bigger(previous.imageBytes, current.imageBytes)];
}

function compareBoots(last: MachineResult, now: MachineResult): string[] {
  if (last.times === null || now.times === null) return []; // one of them never was complete
  const machine = describeNeeds(now.needs);
  const known = new Map(last.units.map((each) => [each.unit, startDurationMs(each) ?? 0]));
  const units = now.units.filter(isLasting).flatMap((each) => {
    const { unit } = each;
    const lastMs = known.get(unit);
    if (lastMs === undefined) return [`${unit} is new in the boot (${machine})`];
    return slower(`the start of ${unit} (${machine})`, lastMs, startDurationMs(each) ?? 0);
  });
  const { total: lastMs } = last.times;
  const { total: nowMs } = now.times;
  return [...(lastMs === null || nowMs === null ? [] : slower(`the boot (${machine})`, lastMs, nowMs)), ...units];
}

function slower(what: string, beforeMs: number, nowMs: number): string[] {
  if (nowMs < beforeMs * slowerFactor || nowMs - beforeMs < slowerMs) return [];
  return [`${what} took ${(nowMs / 1000).toFixed(1)} s, the last time ${(beforeMs / 1000).toFixed(1)} s`];
}

function bigger(beforeBytes: number, nowBytes: number): string[] {
  if (nowBytes <= beforeBytes * biggerFactor) return [];
  return [`the image has ${mebibytes(nowBytes)} MiB, the last time ${mebibytes(beforeBytes)} MiB`];
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
