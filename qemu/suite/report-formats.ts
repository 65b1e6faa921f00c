// The report of a run for CI systems: JUnit XML and TAP. Pure.

import { escapeXml } from '../report-files.ts';
import { commandsFor, countOutcomes, type SuiteReport, type TestResult } from './report.ts';

/** JUnit XML: one suite, one case for each test, with its output. */
export function suiteJunitXml(report: SuiteReport): string {
  const { failed, skipped } = countOutcomes(report.tests);
  const attributes = `name="slipway" tests="${report.tests.length}" failures="${failed}" skipped="${skipped}" time="${seconds(report.durationMs)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite ${attributes}>`,
    ...report.tests.map((test) => junitCase(report, test)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function junitCase(report: SuiteReport, test: TestResult): string {
  const parts = test.name.split('.');
  const className = escapeXml(parts.slice(0, -1).join('.'));
  const head = `    <testcase classname="${className}" name="${escapeXml(parts.at(-1)!)}" time="${seconds(test.durationMs)}"`;
  const reason = escapeXml(test.reason);
  const commands = commandsFor(report, test).map(({ title, command }) => `\n${title}: ${escapeXml(command)}`);
  const failure = `<failure message="${reason.split('\n')[0]}">${reason}${commands.join('')}</failure>`;
  const body = [
    ...(test.outcome === 'failed' ? [failure] : []),
    ...(test.outcome === 'skipped' ? [`<skipped message="${reason.split('\n')[0]}"/>`] : []),
    ...(test.output === '' ? [] : [`<system-out>${escapeXml(test.output)}</system-out>`]),
  ];
  return body.length === 0
    ? `${head}/>`
    : [`${head}>`, ...body.map((line) => `      ${line}`), '    </testcase>'].join('\n');
}

/** TAP version 14; the reason of a failure as a YAML block. */
export function suiteTap(report: SuiteReport): string {
  const points = report.tests.flatMap((test, index) => tapPoint(test, index + 1));
  return ['TAP version 14', `1..${report.tests.length}`, ...points, ''].join('\n');
}

function tapPoint({ name, outcome, reason }: TestResult, number: number): string[] {
  const head = `ok ${number} - ${name}`;
  switch (outcome) {
    case 'passed':
      return [head];
    case 'skipped':
      return [`${head} # SKIP ${reason.replaceAll('\n', ' ')}`];
    case 'failed':
      return [`not ${head}`, '  ---', '  message: |', ...reason.split('\n').map((line) => `    ${line}`), '  ...'];
  }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
