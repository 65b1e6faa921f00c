// From the words of the command line to one command and its checked arguments. Only the module of the named command is loaded.

import yargs, { type Argv } from 'yargs'; // MIT: help, completion and typed options are more than we should write ourselves
import { nearestNames } from '../lib/near-miss.ts';
import manifest from '../package.json' with { type: 'json' };
import type { Command } from './command.ts';
import { type CommandGroup, type CommandRow, commandTree, isGroup, nameOf } from './commands.ts';
import { type GlobalOptions, globalOptions } from './global-options.ts';
import { UsageError } from './usage-error.ts';

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
  const isCompletion = args[0] === '--get-yargs-completions';
  const named = findCommand(commandTree, isCompletion ? args.slice(2) : args);
  const asksForHelp = args.includes('--help') || args.includes('--version') || isCompletion;
  if (named.row === undefined && !asksForHelp && args.length > 0) throw incomplete(named, args);

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
  addCommands(parser, commandTree, [], named, command, (argv) => {
    invocation = { path: named.path, command: command!, globals: argv as GlobalOptions, argv };
  });
  if (named.path.length === 0) {
    parser.example('$0 doctor', 'What is missing on this machine?');
    parser.epilogue('`slipway <command> --help` shows the options and examples of a command.');
  }
  try {
    await parser.parseAsync();
  } catch (error) {
    throw usageErrorOf(error as Error, args, named.path, command);
  }
  return invocation;
}

interface NamedCommand {
  readonly path: readonly string[];
  readonly group: CommandGroup;
  /** Undefined when the words end at a group or do not fit. */
  readonly row: CommandRow | undefined;
  readonly unknownWord: string | undefined;
}

function findCommand(root: CommandGroup, args: readonly string[]): NamedCommand {
  const words = args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--progress');
  const path: string[] = [];
  let group = root;
  for (const word of words) {
    const found = group.commands.find((row) => nameOf(row) === word);
    if (found === undefined) return { path, group, row: undefined, unknownWord: word };
    path.push(word);
    if (!isGroup(found)) return { path, group, row: found, unknownWord: undefined };
    group = found;
  }
  return { path, group, row: undefined, unknownWord: undefined };
}

function addCommands(
  parser: Argv,
  group: CommandGroup,
  path: readonly string[],
  named: NamedCommand,
  command: Command | undefined,
  select: (argv: unknown) => void,
): void {
  for (const row of group.commands) {
    const here = [...path, nameOf(row)];
    const build = (inner: Argv): Argv => {
      if (isGroup(row)) {
        inner.usage(`$0 ${here.join(' ')} <command> [options]\n\n${row.describe}`);
        addCommands(inner, row, here, named, command, select);
      } else if (row === named.row && command !== undefined) declareArguments(inner, command);
      return inner;
    };
    parser.command(row.usage, row.describe, build, select);
  }
}

function declareArguments(parser: Argv, command: Command): void {
  for (const [name, positional] of Object.entries(command.positionals)) {
    const { demandOption: _, ...rest } = positional; // `<name>` in the usage says it
    parser.positional(name, rest as Parameters<Argv['positional']>[1]);
  }
  for (const [name, option] of Object.entries(command.options)) {
    parser.option(name, takesValue(option.type) ? { requiresArg: true, ...option } : option);
  }
  for (const [line, explanation] of command.examples) parser.example(`$0 ${line}`, explanation);
}

function takesValue(type: string | undefined): boolean {
  return type === 'string' || type === 'number';
}

function incomplete(named: NamedCommand, args: readonly string[]): UsageError {
  const help = `\`${['slipway', ...named.path, '--help'].join(' ')}\` lists the commands`;
  const unknownOption = args.find((arg) => arg.startsWith('-') && !(optionName(arg) in globalOptions));
  if (named.unknownWord === undefined && named.path.length === 0 && unknownOption !== undefined) {
    return unknownOptions([unknownOption], {}, help);
  }
  if (named.unknownWord === undefined) {
    return new UsageError(`${['slipway', ...named.path].join(' ')} needs the name of a command`, help);
  }
  const [nearest] = nearestNames(named.unknownWord, named.group.commands.map(nameOf));
  return new UsageError(
    `there is no command "${[...named.path, named.unknownWord].join(' ')}"`,
    nearest === undefined ? help : `did you mean "${['slipway', ...named.path, nearest].join(' ')}"?`,
  );
}

function usageErrorOf(
  error: Error,
  args: readonly string[],
  path: readonly string[],
  command: Command | undefined,
): UsageError {
  const help = `\`${['slipway', ...path, '--help'].join(' ')}\` shows how it is called`;
  const unknown = /^Unknown arguments?: (.*)$/.exec(error.message)?.[1]?.split(', ');
  if (unknown !== undefined) {
    const given = args.filter((arg) => arg.startsWith('-') && unknown.includes(optionName(arg)));
    if (given.length > 0) return unknownOptions(given, command?.options ?? {}, help);
    return new UsageError(`${['slipway', ...path].join(' ')} does not take "${unknown.join(' ')}"`, help);
  }
  const missing = /^Missing required arguments?: (.*)$/.exec(error.message)?.[1]?.split(', ');
  if (missing !== undefined) {
    return new UsageError(
      `${['slipway', ...path].join(' ')} needs ${missing.map((name) => `--${name}`).join(' and ')}`,
      help,
    );
  }
  const withoutValue = /^Not enough arguments following: (.*)$/.exec(error.message)?.[1];
  if (withoutValue !== undefined) return new UsageError(`--${withoutValue} needs a value`, help);
  if (/^Not enough non-option arguments/.test(error.message)) {
    const wanted = Object.keys(command?.positionals ?? {}).map((name) => `<${name}>`);
    return new UsageError(`${['slipway', ...path].join(' ')} needs ${wanted.join(' ')}`, help);
  }
  const badChoice = /Argument: (.*), Given: (.*), Choices: (.*)/.exec(error.message);
  if (badChoice !== null) {
    return new UsageError(`--${badChoice[1]} cannot be ${badChoice[2]}`, `it is one of ${badChoice[3]}`);
  }
  return new UsageError(error.message.trim().replaceAll(/\s*\n\s*/g, '; '), help);
}

function unknownOptions(given: readonly string[], known: object, help: string): UsageError {
  const names = [...Object.keys(known), ...Object.keys(globalOptions), 'help', 'version'];
  const hints = given.flatMap((arg) => nearestNames(optionName(arg), names, 1)).map((name) => `"--${name}"`);
  const list = given.map((arg) => `"${arg.split('=')[0]}"`).join(', ');
  return new UsageError(
    given.length === 1 ? `there is no option ${list}` : `there are no options ${list}`,
    hints.length === 0 ? help : `did you mean ${hints.join(', ')}?`,
  );
}

function optionName(arg: string): string {
  return arg.replace(/^-+(no-)?/, '').split('=')[0]!;
}
