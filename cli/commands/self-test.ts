// `slipway self-test`: types, style, tests and boot tests of this checkout; ends with the line `N passed, N failed`.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../lib/cache.ts';
import { checkoutPath } from '../checkout.ts';
import { defineCommand } from '../command.ts';
import { formatCounts, runSuite, type SuiteReport } from '../self-test/run-suite.ts';
import { suitesToRun } from '../self-test/suites.ts';

const detailLines = 40;

export const command = defineCommand({
  options: {
    fast: { type: 'boolean', default: false, describe: 'Leave out the boot tests, which start virtual machines' },
  },
  examples: [
    ['self-test', 'Everything, boot tests included'],
    ['self-test --fast', 'Types, style and the tests without virtual machines'],
  ],
  async run({ fast }, tools) {
    const checkout = join(checkoutPath('test', 'the tests'), '..');
    const logFolder = join(cacheDirectory(), 'self-test');
    await mkdir(logFolder, { recursive: true });
    const reports: SuiteReport[] = [];
    for (const suite of suitesToRun({ fastOnly: fast })) {
      reports.push(await runSuite(suite, { checkout, logFolder }, tools));
    }
    const total = {
      passed: reports.reduce((sum, report) => sum + report.passed, 0),
      skipped: reports.reduce((sum, report) => sum + report.skipped, 0),
      failed: reports.flatMap((report) => report.failed),
    };
    const document = { kind: 'self-test', version: 1, ...total, suites: reports };
    const text = [...reports.flatMap(describeFailures), formatCounts(total)].join('\n');
    return { document, text, exitCode: total.failed.length === 0 ? 0 : 1 };
  },
});

function describeFailures(report: SuiteReport): string[] {
  if (report.failed.length === 0) return [];
  const tests = report.failed.flatMap((test) => [
    `✗ ${test.title}`,
    ...test.details.slice(0, detailLines).map((line) => `    ${line}`),
  ]);
  return [...tests, `the whole output is in ${report.logFile}`, ''];
}
