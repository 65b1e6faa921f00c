// Writes the report of a run in every form, and reads the last one: JSON for programs, JUnit and TAP for CI systems, HTML for people.

import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDocument, writeDocument } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { htmlReport } from './html/page.ts';
import type { SuiteReport } from './report.ts';
import { suiteJunitXml, suiteTap } from './report-formats.ts';

export const reportFile = 'report.json';

/** The report of the last run into a folder; undefined when there is none that this version can read. */
export async function readLastReport(folder: string): Promise<SuiteReport | undefined> {
  return await readDocument<SuiteReport>(join(folder, reportFile), 'suite-report', 2).catch(() => undefined);
}

/**
 * The tests that failed in the last run into a folder.
 * @throws UserError `report-missing`, or as readDocument().
 */
export async function testsThatFailed(folder: string): Promise<Set<string>> {
  const file = join(folder, reportFile);
  if (!existsSync(file)) {
    throw new UserError('report-missing', `there is no report of an earlier run in ${folder}`, {
      hint: 'run all tests first, or name the folder of their report with --output',
    });
  }
  const report = await readDocument<SuiteReport>(file, 'suite-report', 2);
  return new Set(report.tests.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name));
}

export async function writeReports(report: SuiteReport, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = [...report.machines, ...report.tests].flatMap(({ console }) => console ?? []);
  const journals = [...report.machines, ...report.tests].flatMap(({ journal }) => journal ?? []);
  const texts = new Map<string, string>();
  for (const name of [...names, ...journals]) {
    // A machine that was never there has no console, a test that lost its machine no journal.
    texts.set(name, await readFile(join(folder, name), 'utf8').catch(() => ''));
  }
  const pictures = new Map<string, Buffer>();
  // One that an earlier run told of may be gone.
  for (const name of [...report.machines, ...report.tests].flatMap(({ screenshot }) => screenshot ?? [])) {
    const png = await readFile(join(folder, name)).catch(() => undefined);
    if (png !== undefined) pictures.set(name, png);
  }
  await writeDocument(join(folder, reportFile), report);
  await writeFile(join(folder, 'junit.xml'), suiteJunitXml(report));
  await writeFile(join(folder, 'tests.tap'), suiteTap(report));
  await writeFile(join(folder, 'report.html'), htmlReport(report, texts, pictures));
}
