// strace(1) as the oracle of our own tracer: its arguments, and the paths in what it writes.

/** The command that runs `argv` and writes the calls that name files to `output`. */
export function straceArgv(argv: readonly string[], output: string): string[] {
  const calls = '--trace=%file,getdents,getdents64,fchdir';
  return [
    ...['strace', '--follow-forks', '--quiet=all', '--decode-fds=path', '--string-limit=4096', '--signal=none'],
    ...[calls, `--output=${output}`, '--', ...argv],
  ];
}

export interface StracedPaths {
  readonly paths: ReadonlySet<string>;
  readonly listed: ReadonlySet<string>;
}

/**
 * What a sandboxed program named, absolute; what the sandbox does before the first start of `program`, and what happens after a chroot(2), is
 * left out.
 * @param program its last name, as it is started
 */
export function stracedPaths(trace: string, program: string): StracedPaths {
  const lines = trace.split('\n');
  const start = new RegExp(`^\\d+ +execve\\("[^"]*/${program}"`);
  const started = lines.findIndex((line) => start.test(line));
  const elsewhere = new Set<string>();
  const paths = new Set<string>();
  const listed = new Set<string>();
  for (const line of lines.slice(started)) {
    const folder = /^\d+ +getdents(?:64)?\(\d+<([^>]*)>/.exec(line)?.[1];
    if (folder !== undefined) listed.add(folder);
    const { pid = '', call = '', base = '', quoted = '' } = namedCall.exec(line)?.groups ?? {};
    const path = quoted.replaceAll(/\\(["\\])/g, '$1');
    if (call === 'chroot') elsewhere.add(pid);
    if (path === '' || call === 'symlink' || elsewhere.has(pid)) continue;
    if (path.startsWith('/')) paths.add(path);
    else if (base !== '') paths.add(base === '/' ? `/${path}` : `${base}/${path}`);
  }
  return { paths, listed };
}

/** `PID call(AT_FDCWD</folder>, "path", …` or `PID call("path", …`. */
const namedCall = /^(?<pid>\d+) +(?<call>\w+)\((?:[^"<]*<(?<base>[^>]*)>, )?"(?<quoted>(?:[^"\\]|\\.)*)"/;
