// Finds external tests: executables and TypeScript tests (*.boot.ts) in a folder, with kola.json, config.ign and data/ beside them applying to all of that folder,
// but not to folders in it. A script with a header of its own has nothing from kola.json. Both as in kola (registerTestDir() and registerExternalTest() in
// mantle/kola/harness.go of coreos-assembler).

import type { Stats } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { Problems } from '../../../compose/treefile/problems.ts';
import { parseText } from '../../../compose/treefile/source/read.ts';
import { SourceFile } from '../../../compose/treefile/source/source-file.ts';
import { UserError } from '../../../lib/errors.ts';
import { type Declaration, emptyDeclaration, readDeclaration } from './declaration.ts';
import { parseHeader } from './header.ts';

/** Files of this name are tests in TypeScript, run by AVA on the host (qemu/host/). */
export const testFileEnding = '.boot.ts';

export interface ExternalTest {
  /** `ext.<project>.<path>`, with dots for slashes and without a final `test.sh`. */
  readonly name: string;
  /** Absolute. */
  readonly executable: string;
  /** Absolute folder that the test finds in the guest, or null. */
  readonly dataFolder: string | null;
  /** Absolute path of the Ignition config, or null. */
  readonly ignition: string | null;
  readonly declaration: Declaration;
}

interface FolderFacts {
  readonly dataFolder: string | null;
  readonly ignition: string | null;
  /** Of the tests without a header. */
  readonly declaration: Declaration;
  /** Whether there is a config that only Butane reads. */
  readonly butane: boolean;
}

const butaneReason = 'config.bu (Butane is not translated; write config.ign)';

/**
 * All tests below a folder, by name.
 * @throws UserError `tests-missing` when the folder is not there, DiagnosticsError with every problem of every declaration.
 */
export async function discoverTests(folder: string): Promise<ExternalTest[]> {
  const root = resolve(folder);
  const isFolder = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new UserError('tests-missing', `there is no folder of tests ${folder}`, {
      hint: '`slipway test new NAME` makes one with a first test',
    });
  }
  const problems = new Problems();
  const tests = await readFolder(root, { root, shown: folder, project: projectName(root) }, problems);
  problems.throwIfErrors();
  return tests.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `…/coreos-config/tests/kola` belongs to the project `coreos-config`. */
export function projectName(root: string): string {
  const parts = root.split('/').filter((part) => part !== '');
  while (parts.length > 1 && ['kola', 'tests'].includes(parts.at(-1)!)) parts.pop();
  return parts.at(-1) ?? 'tests';
}

/** The test's name from its path below the root. */
export function testName(project: string, path: string): string {
  const parts = path.split('/');
  if (parts.length > 1 && parts.at(-1) === 'test.sh') parts.pop();
  return ['ext', project, ...parts].join('.');
}

interface Place {
  readonly root: string;
  /** The root as the user wrote it, for messages. */
  readonly shown: string;
  readonly project: string;
}

async function readFolder(folder: string, place: Place, problems: Problems): Promise<ExternalTest[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = new Set(entries.map((entry) => entry.name));
  const shown = (name: string): string => join(place.shown, relative(place.root, folder), name);
  const butane = ['config.bu', 'config.fcc'].some((name) => names.has(name));
  let facts: FolderFacts = { dataFolder: null, ignition: null, declaration: emptyDeclaration, butane };
  if (names.has('data')) facts = { ...facts, dataFolder: join(folder, 'data') };
  if (names.has('config.ign')) facts = { ...facts, ignition: join(folder, 'config.ign') };
  if (names.has('kola.json')) {
    const source = new SourceFile(shown('kola.json'), await readFile(join(folder, 'kola.json'), 'utf8'));
    const parsed = parseText(source, 'json');
    facts = { ...facts, declaration: declarationOf(parsed, source, problems) };
  }
  const tests: ExternalTest[] = [];
  for (const { name } of entries) {
    const path = join(folder, name);
    if (name.startsWith('.') || path === facts.dataFolder) continue;
    const found = await statOfLink(path); // follows links: kola's trees share scripts so
    if (found === undefined) {
      const hint = 'mend the link or remove it';
      problems.error('dangling-link', `${shown(name)} is a link that leads nowhere`, undefined, hint);
    } else if (found.isDirectory()) tests.push(...(await readFolder(path, place, problems)));
    else if (found.isFile() && (name.endsWith(testFileEnding) || (found.mode & anyoneMayExecute) !== 0)) {
      const text = await scriptText(path);
      const source = new SourceFile(shown(name), text);
      const parsed = parseHeader(source.path, text);
      const own = parsed === undefined ? facts.declaration : declarationOf(parsed, source, problems);
      const declaration = facts.butane ? { ...own, unsupported: butaneReason } : own;
      const { dataFolder, ignition } = facts;
      const testPath = relative(place.root, path);
      tests.push({ name: testName(place.project, testPath), executable: path, dataFolder, ignition, declaration });
    }
  }
  return tests;
}

function declarationOf(parsed: ReturnType<typeof parseText>, source: SourceFile, problems: Problems): Declaration {
  if ('root' in parsed) return readDeclaration(parsed.root, source, problems);
  const { span, message, hint } = parsed.error;
  problems.error('syntax', message, { source, start: span.start, end: span.end }, hint);
  return emptyDeclaration;
}

// By mode, because access(2) answers for this user.
const anyoneMayExecute = 0o111;

/** What a path leads to; undefined when it is a link to what is not there, or to itself. */
async function statOfLink(path: string): Promise<Stats | undefined> {
  return await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ELOOP') throw error;
    return undefined;
  });
}

/** kola looks for the declaration in so many bytes. */
const headBytes = 8192;

/** The whole lines in the head of a script; '' for a compiled program. */
async function scriptText(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head.subarray(0, 2).toString('latin1') !== '#!') return '';
    const whole = bytesRead < headBytes ? head : head.subarray(0, head.lastIndexOf(0x0a) + 1);
    return whole.toString('utf8');
  } finally {
    await file.close();
  }
}
