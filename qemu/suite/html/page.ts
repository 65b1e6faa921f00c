// The report of a run as one HTML file that needs nothing else: sums, boot chart, tests with output, console and a journal to filter. Pure.

import { escapeXml } from '../../report-files.ts';
import { describeNeeds } from '../machines.ts';
import { commandsFor, countOutcomes, type MachineResult, type SuiteReport, type TestResult } from '../report.ts';
import { bootChart } from './boot-chart.ts';
import { fold, htmlFrame, lineFilter, picture, seconds } from './frame.ts';
import { unitChart } from './unit-chart.ts';

/** File name in the report's folder -> content. */
type Texts = ReadonlyMap<string, string>;
type Pictures = ReadonlyMap<string, Buffer>;

/** @param texts consoles and journals @param pictures screenshots (PNG) */
export function htmlReport(report: SuiteReport, texts: Texts, pictures: Pictures): string {
  const { passed, failed, skipped } = countOutcomes(report.tests);
  const title = `${report.passed ? 'Passed' : 'Failed'}: ${report.image.split('/').at(-1)}`;
  const facts = [
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
    `${seconds(report.durationMs)} s`,
    `${report.firmware}, ${report.accelerator.accelerator}`,
    report.image,
  ];
  const body = `<p>${escapeXml(facts.join(' · '))}</p>
${changeList(report.changes)}
<h2>Boots</h2>
${bootChart(report.machines.map(({ needs, times }) => ({ label: describeNeeds(needs), times })))}
${report.machines.map((machine, index) => machineSection(index + 1, machine, texts, pictures)).join('\n')}
<h2>Tests</h2>
${lineFilter}
${report.tests.map((test) => testSection(report, test, texts, pictures)).join('\n')}`;
  return htmlFrame(title, report.passed, body);
}

function changeList(changes: readonly string[]): string {
  if (changes.length === 0) return '';
  return `<h2>Since the last run</h2><ul>${changes.map((change) => `<li>${escapeXml(change)}</li>`).join('')}</ul>`;
}

function machineSection(number: number, machine: MachineResult, texts: Texts, pictures: Pictures): string {
  const reason = machine.failure === null ? '' : `<p class="failed">${escapeXml(machine.failure)}</p>`;
  const chart = unitChart(machine.times, machine.units);
  const screen = picture(`Screen of machine ${number}`, pictures.get(machine.screenshot ?? ''));
  const logs = [
    fold(`Console of machine ${number}`, texts.get(machine.console)),
    fold(`Journal of machine ${number}`, texts.get(machine.journal ?? '')),
  ];
  return `${reason}${chart}${screen}${logs.join('')}`;
}

function testSection(report: SuiteReport, test: TestResult, texts: Texts, pictures: Pictures): string {
  const times = test.durationMs === 0 ? '' : ` <small>${seconds(test.durationMs)} s</small>`;
  const body = [
    test.description === '' ? '' : `<p>${escapeXml(test.description)}</p>`,
    test.reason === '' ? '' : `<p class="${test.outcome}">${escapeXml(test.reason)}</p>`,
    test.outcome === 'failed' ? commandList(report, test) : '',
    fold('Output', test.output),
    fold('Console', texts.get(test.console ?? '')),
    fold('Journal', texts.get(test.journal ?? '')),
    picture('Screen', pictures.get(test.screenshot ?? '')),
  ];
  const open = test.outcome === 'failed' ? ' open' : '';
  return `<details class="test ${test.outcome}"${open}><summary>${escapeXml(test.name)}${times}</summary>${body.join('')}</details>`;
}

function commandList(report: SuiteReport, test: TestResult): string {
  const items = commandsFor(report, test).map(
    ({ title, command }) => `<dt>${escapeXml(title)}</dt><dd><code>${escapeXml(command)}</code></dd>`,
  );
  return `<dl>${items.join('')}</dl>`;
}
