// The boot report as one HTML file that needs nothing else: verdict, checks, boot chart with units, consoles and journals to filter. Pure.

import type { BootReport, BootResult } from './boot-report.ts';
import { escapeXml } from './report-files.ts';
import { bootChart } from './suite/html/boot-chart.ts';
import { fold, htmlFrame, lineFilter, picture, seconds } from './suite/html/frame.ts';
import { unitChart } from './suite/html/unit-chart.ts';

/** File name in the report's folder -> content. */
type Texts = ReadonlyMap<string, string>;
type Pictures = ReadonlyMap<string, Buffer>;

/** @param texts consoles and journals @param pictures screenshots (PNG) */
export function bootPage(report: BootReport, texts: Texts, pictures: Pictures): string {
  const title = `${report.passed ? 'Passed' : 'Failed'}: ${report.image.split('/').at(-1)}`;
  const { accelerator, reason } = report.accelerator;
  const body = `<p>${escapeXml(`${report.image} · ${accelerator}: ${reason}`)}</p>
${bootChart(report.boots.map(({ firmware, times }) => ({ label: firmware, times })))}
${lineFilter}
${report.boots.map((boot) => bootSection(boot, texts, pictures)).join('\n')}`;
  return htmlFrame(title, report.passed, body);
}

function bootSection(boot: BootResult, texts: Texts, pictures: Pictures): string {
  const state = boot.state ?? `no verdict, stands in the ${boot.phase}`;
  return `<h2>${escapeXml(`${boot.firmware}: ${state}, ${seconds(boot.durationMs)} s`)}</h2>
${boot.checks.map(checkSection).join('\n')}
${unitChart(boot.times, boot.units)}
${picture('Screen', pictures.get(boot.screenshot ?? ''))}
${fold('Console', texts.get(boot.console))}
${fold('Journal', texts.get(boot.journal ?? ''))}`;
}

function checkSection({ name, failure }: BootResult['checks'][number]): string {
  const title = `<summary>${escapeXml(name)}</summary>`;
  if (failure === null) return `<details class="test passed">${title}</details>`;
  return `<details class="test failed" open>${title}<p class="failed">${escapeXml(failure)}</p></details>`;
}
