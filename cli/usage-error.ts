// Command lines that cannot be understood: exit status 2, with the nearest name and where to read on.

import { UserError } from '../lib/errors.ts';
import { nearestNames } from '../lib/near-miss.ts';
import type { Command } from './command.ts';
import { nameOf } from './commands.ts';
import type { NamedCommand } from './find-command.ts';
import { globalOptions } from './global-options.ts';

export class UsageError extends UserError {
  constructor(message: string, hint: string) {
    super('usage', message, { hint });
    this.name = 'UsageError';
  }
}

/** A command line that ends at a group, or goes on with a word that is no command. */
export function incompleteLine(named: NamedCommand, args: readonly string[]): UsageError {
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

/** What yargs found wrong, in our words. Its messages are the only interface that it has for this. */
export function usageErrorOf(
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
    const wanted = Object.entries(command?.positionals ?? {})
      .filter(([, { demandOption }]) => demandOption !== undefined)
      .map(([name]) => `<${name}>`);
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
