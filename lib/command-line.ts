// What every runner of programs shares: a command as pasteable text, and the sentence for a missing program.
// Apart from lib/run.ts so that the host agent, whose bundle holds no npm package, uses the same.

import { UserError } from './errors.ts';
import { toolFor } from './tools.ts';

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
