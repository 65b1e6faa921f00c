// What is different from the last run, in sentences: tests that changed sides, boots and tests that became slower. Pure.

import { canonicalJson } from '../../lib/documents.ts';
import { describeNeeds } from './machines.ts';
import type { SuiteReport } from './report.ts';

/** Slower by less is noise. */
const slowerFactor = 1.3;
const slowerMs = 2_000;

export function compareReports(previous: SuiteReport, current: SuiteReport): string[] {
  const before = new Map(previous.tests.map((test) => [test.name, test]));
  const tests = current.tests.flatMap((test) => {
    const last = before.get(test.name);
    if (last === undefined) return [];
    if (last.outcome === 'passed' && test.outcome === 'failed') return [`${test.name} passed the last time`];
    if (last.outcome === 'failed' && test.outcome === 'passed') return [`${test.name} failed the last time`];
    return test.outcome === 'passed' ? slower(test.name, last.durationMs, test.durationMs) : [];
  });
  const boots = current.machines.flatMap(({ needs, times }) => {
    const last = previous.machines.find((machine) => canonicalJson(machine.needs) === canonicalJson(needs))?.times;
    if (last?.total == null || times?.total == null) return [];
    return slower(`the boot (${describeNeeds(needs)})`, last.total, times.total);
  });
  return [...tests, ...boots];
}

function slower(what: string, beforeMs: number, nowMs: number): string[] {
  if (nowMs < beforeMs * slowerFactor || nowMs - beforeMs < slowerMs) return [];
  return [`${what} took ${(nowMs / 1000).toFixed(1)} s, the last time ${(beforeMs / 1000).toFixed(1)} s`];
}
