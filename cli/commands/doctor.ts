// `slipway doctor`: what this machine has of what Slipway needs, and how to get the rest.

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { ToolError } from '../../lib/errors.ts';
import { run } from '../../lib/run.ts';
import { type ExternalLibrary, type ExternalTool, externalLibraries, externalTools } from '../../lib/tools.ts';
import { defineCommand } from '../command.ts';
import { type Check, checkMachine } from '../doctor/checks.ts';

export interface DoctorReport {
  readonly kind: 'doctor';
  readonly version: 1;
  /** True when every check is fine and no tool is missing that commands need; what only tests need does not count. */
  readonly ok: boolean;
  readonly tools: readonly ToolState[];
  readonly checks: readonly Check[];
}

export interface ToolState {
  /** Name of a program, or file name of a library. */
  readonly program: string;
  /** As it prints it about itself; null when it is not installed or cannot be run; empty when it does not tell. */
  readonly version: string | null;
  readonly purpose: string;
  readonly usedBy: ExternalTool['usedBy'];
  readonly package: { readonly debian: string; readonly fedora: string };
}

export const command = defineCommand({
  examples: [
    ['doctor', 'List every tool: found, version, purpose, package'],
    ['doctor --json', 'The same for programs'],
  ],
  async run(_argv, { events, signal }) {
    const tools = await Promise.all([
      ...externalTools.map((tool) => inspectTool(tool, signal)),
      ...externalLibraries.map((library) => inspectLibrary(library, signal)),
    ]);
    const checks = await checkMachine({ events, signal });
    const ok =
      !tools.some((tool) => tool.version === null && isNeeded(tool)) && checks.every((check) => check.state !== 'bad');
    const report: DoctorReport = { kind: 'doctor', version: 1, ok, tools, checks };
    return { document: report, text: formatReport(report), exitCode: ok ? 0 : 1 };
  },
});

/** Whether anything but tests and the sample distribution starts it. */
function isNeeded({ usedBy }: Pick<ToolState, 'usedBy'>): boolean {
  return usedBy.some((user) => user !== 'tests' && user !== 'sample-distribution');
}

async function inspectTool(tool: ExternalTool, signal: AbortSignal): Promise<ToolState> {
  const state = {
    program: tool.program,
    purpose: tool.purpose,
    usedBy: tool.usedBy,
    package: { debian: tool.debian, fedora: tool.fedora },
  };
  if (!(await isOnPath(tool.program))) return { ...state, version: null };
  if (tool.versionArgs.length === 0) return { ...state, version: '' };
  try {
    const argv = [tool.program, ...tool.versionArgs];
    const { stdout, stderr } = await run(argv, { signal, timeoutMs: 30_000, okExitCodes: [0, 1] });
    return { ...state, version: versionIn(stdout) || versionIn(stderr) };
  } catch (error) {
    if (error instanceof ToolError) return { ...state, version: null }; // one broken program must not hide the others
    throw error;
  }
}

async function inspectLibrary(library: ExternalLibrary, signal: AbortSignal): Promise<ToolState> {
  const { stdout } = await run(['ldconfig', '-p'], { signal });
  const { file, purpose, usedBy, debian, fedora } = library;
  return { program: file, purpose, usedBy, package: { debian, fedora }, version: stdout.includes(file) ? '' : null };
}

/** The first thing that looks like a version: `2022.7`, `1.47.0`, `7.2.22`. */
export function versionIn(output: string): string {
  return /\d+(?:\.\d+)+(?:[-~+.\w]*\w)?/.exec(output)?.[0] ?? '';
}

async function isOnPath(program: string): Promise<boolean> {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const found = await access(`${folder}/${program}`, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

/** The report for people: one line a tool, the missing ones with their package, then the checks. */
export function formatReport(report: DoctorReport): string {
  const width = Math.max(...report.tools.map((tool) => tool.program.length));
  const versionWidth = Math.max(...report.tools.map((tool) => (tool.version ?? 'missing').length));
  const toolLines = report.tools.map((tool) => {
    const mark = tool.version !== null ? '✓' : isNeeded(tool) ? '✗' : '·';
    const cells = [tool.program.padEnd(width), (tool.version ?? 'missing').padEnd(versionWidth)];
    const names =
      tool.version === null ? `; package ${tool.package.debian} (Debian), ${tool.package.fedora} (Fedora)` : '';
    return `${mark} ${cells.join('  ')}  to ${tool.purpose} (${tool.usedBy.join(', ')})${names}`;
  });
  const marks = { ok: '✓', slow: '·', bad: '✗' };
  const checkLines = report.checks.map((check) => `${marks[check.state]} ${check.name}: ${check.detail}`);
  const missing = report.tools.filter((tool) => tool.version === null).map((tool) => tool.package);
  const install =
    missing.length === 0
      ? []
      : [
          '',
          'To install what is missing:',
          `  apt-get install --no-install-recommends ${uniqueWords(missing.map((names) => names.debian))}   (Debian)`,
          `  dnf install ${uniqueWords(missing.map((names) => names.fedora))}   (Fedora)`,
        ];
  return [...toolLines, '', ...checkLines, ...install].join('\n');
}

function uniqueWords(lists: readonly string[]): string {
  return [...new Set(lists.flatMap((list) => list.split(' ')))].join(' ');
}
