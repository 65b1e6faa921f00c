// The report of a part of the tests, put into that of an earlier run, so that the folder still tells about all of them. Pure.

import { canonicalJson } from '../../lib/documents.ts';
import type { SuiteReport } from './report.ts';

/** What `current` says goes before what `previous` says; tests and machines that are only in the earlier report stay. */
export function mergeReports(previous: SuiteReport, current: SuiteReport): SuiteReport {
  const ran = new Set(current.tests.map(({ name }) => name));
  const booted = new Set(current.machines.map(({ needs }) => canonicalJson(needs)));
  const tests = [...previous.tests.filter(({ name }) => !ran.has(name)), ...current.tests];
  return {
    ...current,
    passed: tests.every(({ outcome }) => outcome !== 'failed'),
    tests: tests.sort((a, b) => (a.name < b.name ? -1 : 1)),
    machines: [...current.machines, ...previous.machines.filter(({ needs }) => !booted.has(canonicalJson(needs)))],
  };
}
