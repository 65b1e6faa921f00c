// The same report for other programs: JUnit XML for CI systems and TAP for people who like it. Pure.

import type { BootReport, BootResult } from './boot-report.ts';

/** JUnit XML: one suite for each firmware, one case for each check. */
export function junitXml(report: BootReport): string {
  const suites = report.boots.map((boot) => {
    const failures = boot.checks.filter((check) => check.failure !== null).length;
    const seconds = (boot.durationMs / 1000).toFixed(3);
    const cases = boot.checks.map(({ name, failure }) => {
      const head = `    <testcase classname="boot.${boot.firmware}" name="${escapeXml(name)}"`;
      if (failure === null) return `${head}/>`;
      return `${head}>\n      <failure message="${escapeXml(failure.split('\n')[0]!)}">${escapeXml(failure)}</failure>\n    </testcase>`;
    });
    const attributes = `name="boot ${boot.firmware}" tests="${boot.checks.length}" failures="${failures}" time="${seconds}"`;
    return [`  <testsuite ${attributes}>`, ...cases, '  </testsuite>'].join('\n');
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join('\n');
}

/** TAP version 14, failures as YAML blocks. */
export function tap(report: BootReport): string {
  const points = report.boots.flatMap((boot) => boot.checks.map((check) => ({ boot, check })));
  const lines = points.flatMap(({ boot, check }, index) => {
    const head = `ok ${index + 1} - ${testName(boot, check.name)}`;
    if (check.failure === null) return [head];
    const message = check.failure.split('\n').map((line) => `    ${line}`);
    return [`not ${head}`, '  ---', '  message: |', ...message, '  ...'];
  });
  return ['TAP version 14', `1..${points.length}`, ...lines, ''].join('\n');
}

function testName(boot: BootResult, check: string): string {
  return `${boot.firmware}: ${check}`;
}

/** For text and attributes. Characters that XML 1.0 cannot hold, escaped or not, become the replacement character. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
