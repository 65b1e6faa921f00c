// From the words of the command line to one command and its checked arguments. Only the module of the named command is loaded.

import type { Command } from './command.ts';
import { findCommand } from './find-command.ts';
import type { GlobalOptions } from './global-options.ts';
import { readPlainArguments } from './plain-arguments.ts';
import { withPlainTextWidth } from './plain-text-width.ts';

export interface Invocation {
  /** Words that name the command, e.g. `['compose', 'tree']`. */
  readonly path: readonly string[];
  readonly command: Command;
  readonly globals: GlobalOptions;
  readonly argv: unknown;
}

/**
 * Parses the command line (without `node` and the script). Undefined when help, the version or completions were printed instead.
 * @throws UsageError
 */
export async function parseArguments(args: readonly string[]): Promise<Invocation | undefined> {
  const { path, row } = findCommand(args);
  if (row !== undefined) {
    const { command } = await row.load();
    const argv = readPlainArguments(args, path, row.usage, command);
    if (argv !== undefined) return { path, command, globals: argv as unknown as GlobalOptions, argv };
  }
  const { parseWithYargs } = await withPlainTextWidth(() => import('./parse-with-yargs.ts'));
  return await parseWithYargs(args);
}
