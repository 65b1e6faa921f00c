// Writes the report of a run in every form: JSON for programs, JUnit and TAP for CI systems, HTML for people.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDocument } from '../../lib/documents.ts';
import { htmlReport } from './html/page.ts';
import type { SuiteReport } from './report.ts';
import { suiteJunitXml, suiteTap } from './report-formats.ts';

export const reportFile = 'report.json';

export async function writeReports(report: SuiteReport, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = [...report.machines, ...report.tests].flatMap(({ console }) => console ?? []);
  const journals = report.tests.flatMap(({ journal }) => journal ?? []);
  const texts = new Map<string, string>();
  for (const name of [...names, ...journals]) {
    // A machine that was never there has no console, a test that lost its machine no journal.
    texts.set(name, await readFile(join(folder, name), 'utf8').catch(() => ''));
  }
  await writeDocument(join(folder, reportFile), report);
  await writeFile(join(folder, 'junit.xml'), suiteJunitXml(report));
  await writeFile(join(folder, 'tests.tap'), suiteTap(report));
  await writeFile(join(folder, 'report.html'), htmlReport(report, texts));
}
