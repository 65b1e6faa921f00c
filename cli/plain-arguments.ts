// Reads a command line that leaves no question, such as `compose tree host.yaml --repo repo --dry-run`, as yargs reads it, but without
// loading yargs, which would take a quarter of the time of a short command. test/cli/plain-arguments.test.ts holds the two together.

import type { Options } from 'yargs';
import type { Command, OptionTable } from './command.ts';
import { globalOptions } from './global-options.ts';

type Arguments = Record<string, unknown>;

/** What a declaration may say to be read here. */
const plainKeys = new Set(['type', 'default', 'describe', 'choices', 'array', 'nargs', 'requiresArg', 'demandOption']);

/** A value that yargs takes as it is: no option, not empty, and not in quotes of its own, which yargs may take away. */
const plainValue = /^[^-"']/;

/**
 * @param usage of the command, e.g. `tree <treefile>`
 * @returns the arguments as yargs gives them; undefined for help, mistakes, and everything that is written or declared in another way
 */
export function readPlainArguments(
  args: readonly string[],
  path: readonly string[],
  usage: string,
  command: Command,
): Arguments | undefined {
  if (path.some((word, index) => args[index] !== word)) return undefined;
  const options: OptionTable = { ...globalOptions, ...command.options };
  const given = new Map<string, unknown>();
  const words: string[] = [];
  const rest = args.slice(path.length);
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index]!;
    if (plainValue.test(word)) {
      words.push(word);
      continue;
    }
    const [, name, written] = /^--([a-z]+(?:-[a-z]+)*)(?:=(.*))?$/s.exec(word) ?? [];
    const option = name === undefined || !Object.hasOwn(options, name) ? undefined : options[name];
    if (name === undefined || option === undefined || !isPlain(option)) return undefined;
    if (option.type === 'boolean') {
      if (written !== undefined || given.has(name) || /^(true|false)$/.test(rest[index + 1] ?? '')) return undefined;
      given.set(name, true);
      continue;
    }
    const value = readValue(option, written ?? rest[++index]);
    if (value === undefined || (given.has(name) && option.array !== true)) return undefined;
    given.set(name, option.array === true ? [...((given.get(name) as unknown[]) ?? []), value] : value);
  }
  const positionals = positionalsOf(usage, words, command);
  if (positionals === undefined) return undefined;
  const all: Arguments = { _: [...path], $0: 'slipway', ...positionals };
  for (const [name, option] of Object.entries(options)) {
    const value = given.has(name) ? given.get(name) : option.default;
    if (value === undefined && option.demandOption !== undefined) return undefined;
    if (value === undefined) continue;
    all[name] = value;
    all[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  return all;
}

function isPlain(option: Options): boolean {
  if (Object.keys(option).some((key) => !plainKeys.has(key))) return false;
  return option.array !== true || (option.type === 'string' && option.nargs === 1 && option.choices === undefined);
}

function readValue({ type, choices }: Options, text: string | undefined): string | number | undefined {
  if (text === undefined || !plainValue.test(text)) return undefined;
  if (choices !== undefined) return choices.includes(text) ? text : undefined;
  if (type === 'string') return text;
  return type === 'number' && /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
}

/** Undefined unless the words are as many as the usage wants and all are plain text. */
function positionalsOf(usage: string, words: readonly string[], command: Command): Arguments | undefined {
  const found: Arguments = {};
  const left = [...words];
  for (const place of usage.split(' ').slice(1)) {
    const [, name, many] = /^<(\w+)(\.\.)?>$/.exec(place) ?? [];
    const declared = name === undefined ? undefined : command.positionals[name];
    if (name === undefined || declared?.type !== 'string' || declared.choices !== undefined || left.length === 0) {
      return undefined;
    }
    if (Object.keys(declared).some((key) => !plainKeys.has(key))) return undefined;
    found[name] = many === undefined ? left.shift() : left.splice(0);
  }
  return left.length === 0 ? found : undefined;
}
