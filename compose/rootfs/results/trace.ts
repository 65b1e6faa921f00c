// What a program looked at: strace's arguments, and its output -> paths. Every path counts, whether it was there or not; it is no harm to
// count one too many.

export interface Trace {
  /** Absolute paths inside the tree that were opened, asked about, run or looked for in vain. Links are not resolved. */
  readonly paths: readonly string[];
  /** Directories whose names were read. */
  readonly listed: readonly string[];
  /** Programs that were started, with the names that were tried in vain. */
  readonly programs: readonly string[];
  /** False when something happened that such a trace cannot tell of; the result must not be used again. */
  readonly complete: boolean;
}

/** Calls by which a program gets at files past the traced ones, or sees another tree. */
const untraceable = ['io_uring_setup', 'open_by_handle_at', 'chroot', 'pivot_root', 'mount', 'unshare', 'setns'];
const traced = ['%file', 'getdents', 'getdents64', 'fchdir', ...untraceable];

/**
 * The command that runs `argv` and writes its trace to `output`. `--seccomp-bpf` stops the program at the traced calls alone; see strace(1).
 * Tracer and program take turns, so one processor for both saves half of the time.
 */
export function traceArgv(argv: readonly string[], output: string, processor: number): string[] {
  return [
    ...['taskset', '--cpu-list', String(processor)],
    ...['strace', '--follow-forks', '--seccomp-bpf', '--quiet=all', '--decode-fds=path'],
    ...['--string-limit=0', '--signal=none', `--trace=${traced.join()}`, `--output=${output}`, '--'],
    ...argv,
  ];
}

/**
 * Reads a trace of a sandboxed program. The sandbox's own preparations go before its first attempt to start the program, the second
 * execve(2) of the trace.
 */
export function readTrace(text: string): Trace {
  const lines = text.split('\n').filter((line) => line !== '');
  const calls = afterSandbox(lines);
  if (calls === null) return { paths: [], listed: [], programs: [], complete: false };
  const folders = workingFolders(calls);
  const paths = new Set<string>();
  const listed = new Set<string>();
  const programs = new Set<string>();
  for (const call of calls) {
    for (const path of pathsIn(call, folders)) {
      paths.add(path);
      if (/^\d+ +execve(at)?\(/.test(call)) programs.add(path);
    }
    const folder = /^\d+ +getdents(?:64)?\(\d+<([^>]*)>/.exec(call)?.[1];
    if (folder !== undefined) listed.add(decode(folder));
  }
  const complete = !calls.some((call) => isUntraceable(call));
  return { paths: [...paths], listed: [...listed], programs: [...programs], complete };
}

function afterSandbox(lines: readonly string[]): string[] | null {
  const starts = lines.flatMap((line, index) => (/^\d+ +execve\(/.test(line) ? [index] : []));
  return starts[1] === undefined ? null : lines.slice(starts[1]);
}

function isUntraceable(call: string): boolean {
  const name = /^\d+ +(?:<\.\.\. )?(\w+)/.exec(call)?.[1] ?? '';
  return untraceable.includes(name) && !/ = -1 E/.test(call);
}

const descriptor = /(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>/g;
const named = /(?:(AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"(\.\.\.)?/g;

function pathsIn(call: string, folders: ReadonlySet<string>): string[] {
  const paths: string[] = [];
  for (const [, path = ''] of call.matchAll(descriptor)) if (path.startsWith('/')) paths.push(decode(path));
  for (const [, , folder, quoted = '', cut] of call.matchAll(named)) {
    if (quoted === '' || cut !== undefined) continue; // an empty path means the descriptor; texts that are no paths are cut
    const path = decode(quoted);
    const bases = folder === undefined ? folders : [decode(folder)];
    for (const base of bases) paths.push(from(base, path));
  }
  return paths;
}

/** Every folder that any process stood in: a relative path of an older call is taken from all of them. */
function workingFolders(calls: readonly string[]): Set<string> {
  const folders = new Set(['/']);
  for (const call of calls) {
    for (const [, folder = ''] of call.matchAll(/AT_FDCWD<((?:[^>\\]|\\.)*)>/g)) folders.add(decode(folder));
    const target = /^\d+ +(?:chdir\("((?:[^"\\]|\\.)*)"|fchdir\(\d+<([^>]*)>)/.exec(call);
    const path = target?.[1] ?? target?.[2];
    if (path !== undefined) for (const base of [...folders]) folders.add(from(base, decode(path)));
  }
  return folders;
}

// `..` stays: what it leads to depends on links on the way.
function from(folder: string, path: string): string {
  if (path.startsWith('/')) return path;
  return folder === '/' ? `/${path}` : `${folder}/${path}`;
}

/** strace writes bytes that are not printable as C does; names are UTF-8. */
function decode(text: string): string {
  if (!text.includes('\\')) return text;
  const escapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12 };
  const bytes: number[] = [];
  for (const [, octal, letter, plain] of text.matchAll(/\\([0-7]{1,3})|\\(.)|([^\\]+)/gsu)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (letter !== undefined) bytes.push(...(letter in escapes ? [escapes[letter]!] : Buffer.from(letter)));
    else bytes.push(...Buffer.from(plain!));
  }
  return Buffer.from(bytes).toString();
}

/** The last processor that a process may run on, from its /proc/PID/status; proc_pid_status(5). */
export function lastProcessor(status: string): number {
  return Number(/^Cpus_allowed_list:.*?(\d+)$/m.exec(status)?.[1] ?? 0);
}
