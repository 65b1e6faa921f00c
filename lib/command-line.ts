// What every runner of programs shares: the fixed environment, a command as pasteable text, and the sentence for a missing program.
// Apart from lib/run.ts so that the host agent, whose bundle holds no npm package, uses the same.

import { UserError } from './errors.ts';
import { toolFor } from './tools.ts';

/** The environment that programs see: nothing of the caller's but what they need to find files and speak English. */
export function baseEnvironment(): Record<string, string> {
  const kept = [
    'HOME',
    'GNUPGHOME',
    'TMPDIR',
    'XDG_CACHE_HOME',
    'XDG_RUNTIME_DIR',
    'SSL_CERT_FILE',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
  ];
  const environment: Record<string, string> = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  // Debian keeps mkfs, sgdisk and others out of an ordinary user's PATH.
  environment.PATH = `${process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`;
  return environment;
}

/** The command as one line for a POSIX shell. */
export function quoteCommand(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}

/** The sentence for a program that is not installed: what it is needed for and how to get it. */
export function missingTool(program: string): UserError {
  const tool = toolFor(program);
  return new UserError(
    'tool-missing',
    `${program} is not installed${tool === undefined ? '' : `; it is needed to ${tool.purpose}`}`,
    {
      hint:
        tool === undefined
          ? 'install it and try again'
          : `install the package ${tool.debian} (Debian) or ${tool.fedora} (Fedora)`,
    },
  );
}

/** The end of a program's output, for its error message. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
