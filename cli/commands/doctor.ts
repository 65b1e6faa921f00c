// `slipway doctor`: what this machine has of what Slipway needs, and how to get the rest.

import { constants } from 'node:fs';
import { access, mkdir, readFile, statfs } from 'node:fs/promises';
import { cacheDirectory } from '../../lib/cache.ts';
import { ToolError } from '../../lib/errors.ts';
import { run } from '../../lib/run.ts';
import { type ExternalLibrary, type ExternalTool, externalLibraries, externalTools } from '../../lib/tools.ts';
import { defineCommand } from '../command.ts';
import { formatBytes } from '../format.ts';

export interface DoctorReport {
  readonly kind: 'doctor';
  readonly version: 1;
  /** True when every tool and every check is fine. */
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

export interface Check {
  readonly name: string;
  /** `slow` works, with a cost that the detail names. */
  readonly state: 'ok' | 'slow' | 'bad';
  readonly detail: string;
}

const roomNeededBytes = 4 * 1024 ** 3;

export const command = defineCommand({
  examples: [
    ['doctor', 'List every tool: found, version, purpose, package'],
    ['doctor --json', 'The same for programs'],
  ],
  async run(_argv, { signal }) {
    const tools = await Promise.all([
      ...externalTools.map((tool) => inspectTool(tool, signal)),
      ...externalLibraries.map((library) => inspectLibrary(library, signal)),
    ]);
    const checks = [nodeVersion(process.versions.node), await userNamespaces(signal), await kvm(), await diskRoom()];
    const ok = tools.every((tool) => tool.version !== null) && checks.every((check) => check.state !== 'bad');
    const report: DoctorReport = { kind: 'doctor', version: 1, ok, tools, checks };
    return { document: report, text: formatReport(report), exitCode: ok ? 0 : 1 };
  },
});

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

function nodeVersion(version: string): Check {
  const isNew = Number(version.split('.')[0]) >= 24;
  return {
    name: 'Node',
    state: isNew ? 'ok' : 'bad',
    detail: `${version}${isNew ? '' : '; Slipway needs 24 or newer'}`,
  };
}

async function userNamespaces(signal: AbortSignal): Promise<Check> {
  const name = 'user namespaces';
  const mapping = process.getuid?.() === 0 ? ['--map-root-user'] : ['--map-auto', '--map-root-user'];
  const argv = ['unshare', '--user', ...mapping, '--mount', '--pid', '--fork', '--mount-proc', 'true'];
  try {
    const { exitCode, stderr } = await run(argv, { signal, timeoutMs: 10_000, okExitCodes: [0, 1] });
    if (exitCode === 0) return { name, state: 'ok', detail: 'allowed' };
    return { name, state: 'bad', detail: `not allowed: ${stderr.trim()}` };
  } catch (error) {
    signal.throwIfAborted();
    return { name, state: 'bad', detail: (error as Error).message };
  }
}

async function kvm(): Promise<Check> {
  const name = '/dev/kvm';
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
    return { name, state: 'ok', detail: 'present; `slipway qemu` proves it with a tiny guest before it is used' };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'not open to this user';
    return { name, state: 'slow', detail: `${reason}: guests run under QEMU's own translator, about ten times slower` };
  }
}

async function diskRoom(): Promise<Check> {
  const folder = cacheDirectory();
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const memory = /MemAvailable:\s+(\d+) kB/.exec(await readFile('/proc/meminfo', 'utf8'))?.[1] ?? '0';
  const detail = `${formatBytes(bavail * bsize)} free in ${folder}, ${formatBytes(Number(memory) * 1024)} of memory available`;
  return { name: 'room', state: bavail * bsize >= roomNeededBytes ? 'ok' : 'bad', detail };
}

/** The report for people: one line a tool, the missing ones with their package, then the checks. */
export function formatReport(report: DoctorReport): string {
  const width = Math.max(...report.tools.map((tool) => tool.program.length));
  const versionWidth = Math.max(...report.tools.map((tool) => (tool.version ?? 'missing').length));
  const toolLines = report.tools.map((tool) => {
    const mark = tool.version === null ? '✗' : '✓';
    const cells = [tool.program.padEnd(width), (tool.version ?? 'missing').padEnd(versionWidth)];
    return `${mark} ${cells.join('  ')}  to ${tool.purpose}`;
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
