// Builds tests and results for the tables of the suite's tests.

import { type Declaration, emptyDeclaration } from '../../../../qemu/suite/external/declaration.ts';
import type { ExternalTest } from '../../../../qemu/suite/external/discover.ts';
import type { MachineNeeds } from '../../../../qemu/suite/machines.ts';
import type { SuiteReport, TestResult } from '../../../../qemu/suite/report.ts';

export function externalTest(name: string, declaration: Partial<Declaration> = {}): ExternalTest {
  return {
    name,
    executable: `/tests/${name}`,
    dataFolder: null,
    ignition: null,
    declaration: { ...emptyDeclaration, ...declaration },
  };
}

/** Of a test that asks for nothing. */
export const plainNeeds: MachineNeeds = {
  memoryMiB: 1024,
  ignition: null,
  diskMiB: 0,
  additionalDisks: [],
  additionalNics: 0,
  kernelArguments: '',
  judged: true,
};

export function testResult(name: string, result: Partial<TestResult> = {}): TestResult {
  return {
    name,
    description: '',
    outcome: 'passed',
    reason: '',
    startMs: 900,
    durationMs: 1500,
    reboots: 0,
    output: '',
    console: `tests/${name}/console.txt`,
    journal: `tests/${name}/journal.txt`,
    screenshot: null,
    machine: null,
    ...result,
  };
}

export function suiteReport(tests: readonly TestResult[]): SuiteReport {
  const times = { firmware: 1000, loader: 500, kernel: 2000, initrd: 4000, userspace: 12_500, total: 20_000 };
  const needs = { ...plainNeeds, additionalDisks: ['1G'], kernelArguments: 'quiet' };
  const units = [{ unit: 'sshd.service', startedAtUs: 9_000_000, readyAtUs: 9_300_000 }];
  return {
    kind: 'suite-report',
    version: 2,
    command: ['slipway', 'test', 'run', 'host.qcow2', '--tests', 'my tests'],
    image: '/images/host.qcow2',
    imageBytes: 200 * 1024 * 1024,
    passed: tests.every(({ outcome }) => outcome !== 'failed'),
    accelerator: { accelerator: 'tcg', reason: '' },
    firmware: 'bios',
    durationMs: 61_500,
    machines: [
      {
        ...{ needs, failure: null, times, units, durationMs: 25_000 },
        ...{ console: 'machine-1-console.txt', journal: 'machine-1-journal.txt', screenshot: null },
      },
    ],
    tests,
    changes: [],
  };
}
