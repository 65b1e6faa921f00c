// Parses any command line: help, versions, completions and mistakes as well as what plain-arguments.ts leaves.

import yargs, { type Argv } from 'yargs'; // MIT: help, completion and typed options are more than we should write ourselves
import manifest from '../package.json' with { type: 'json' };
import type { Command } from './command.ts';
import { type CommandGroup, commandTree, isGroup, nameOf } from './commands.ts';
import { findCommand, type NamedCommand } from './find-command.ts';
import { type GlobalOptions, globalOptions } from './global-options.ts';
import { checkOptionValues } from './option-values.ts';
import type { Invocation } from './parse.ts';
import { incompleteLine, usageErrorOf } from './usage-error.ts';

/**
 * Undefined when help, the version or completions were printed instead.
 * @throws UsageError
 */
export async function parseWithYargs(args: readonly string[]): Promise<Invocation | undefined> {
  const isCompletion = args[0] === '--get-yargs-completions';
  const named = findCommand(isCompletion ? args.slice(2) : args);
  const asksForHelp = args.includes('--help') || args.includes('--version') || isCompletion;
  if (named.row === undefined && !asksForHelp && args.length > 0) {
    throw incompleteLine(named, args);
  }

  let invocation: Invocation | undefined;
  const command = named.row === undefined ? undefined : (await named.row.load()).command;
  const parser = yargs(args.length === 0 ? ['--help'] : [...args])
    .scriptName('slipway')
    .locale('en')
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .usage(`$0 <command> [options]\n\n${commandTree.describe}`)
    .options(globalOptions)
    .group(Object.keys(globalOptions), 'Everywhere:')
    .group(['help', 'version'], 'Everywhere:')
    .version(manifest.version)
    .strict()
    .fail(false);
  const offered = isCompletion ? (command?.suggestions ?? {}) : {};
  addCommands(parser, commandTree, [], named, command, offered, (argv) => {
    invocation = { path: named.path, command: command!, globals: argv as GlobalOptions, argv };
  });
  if (named.path.length === 0) {
    parser.example('$0 compose tree host.yaml --repo repo', 'Make a commit out of a treefile');
    parser.example('$0 images build --repo repo --ref REF', 'Make a disk image out of the commit');
    parser.example('$0 qemu test images/image.qcow2', 'Boot it; the guest gives the verdict');
    parser.example('$0 doctor', 'What is missing on this machine?');
    parser.epilogue('`slipway <command> --help` shows the options and examples of a command.');
  }
  try {
    await parser.parseAsync();
  } catch (error) {
    throw usageErrorOf(error as Error, args, named.path, command);
  }
  if (invocation !== undefined) {
    const { argv } = invocation as Invocation; // set in a callback, which the compiler does not follow
    const options = { ...globalOptions, ...command!.options };
    checkOptionValues(argv as Record<string, unknown>, options, command!.positionals, args);
  }
  return invocation;
}

function addCommands(
  parser: Argv,
  group: CommandGroup,
  path: readonly string[],
  named: NamedCommand,
  command: Command | undefined,
  offered: Command['suggestions'],
  select: (argv: unknown) => void,
): void {
  for (const row of group.commands) {
    const here = [...path, nameOf(row)];
    const build = (inner: Argv): Argv => {
      if (isGroup(row)) {
        inner.usage(`$0 ${here.join(' ')} <command> [options]\n\n${row.describe}`);
        addCommands(inner, row, here, named, command, offered, select);
      } else if (row === named.row && command !== undefined) declareArguments(inner, command, offered);
      return inner;
    };
    parser.command(row.usage, row.describe, build, select);
  }
}

/** Words that are `offered` for a positional are its `choices` only here, where nothing is checked: yargs completes those. */
function declareArguments(parser: Argv, command: Command, offered: Command['suggestions']): void {
  for (const [name, positional] of Object.entries(command.positionals)) {
    const { demandOption: _, ...rest } = positional; // `<name>` in the usage says it
    const choices = offered[name]?.();
    parser.positional(name, { ...(rest as Parameters<Argv['positional']>[1]), ...(choices && { choices }) });
  }
  for (const [name, option] of Object.entries(command.options)) {
    parser.option(name, takesValue(option.type) ? { requiresArg: true, ...option } : option);
  }
  parser.group(Object.keys(command.options), 'Options:'); // before those of every command
  for (const [line, explanation] of command.examples) parser.example(`$0 ${line}`, explanation);
}

function takesValue(type: string | undefined): boolean {
  return type === 'string' || type === 'number';
}
