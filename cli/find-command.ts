// Which command the words of a command line name. Needs no yargs, so that a command can begin while that is loaded.

import { type CommandGroup, type CommandRow, commandTree, isGroup, nameOf } from './commands.ts';

/** How far the words of a command line lead into the tree of commands. */
export interface NamedCommand {
  readonly path: readonly string[];
  readonly group: CommandGroup;
  /** Undefined when the words end at a group or do not fit. */
  readonly row: CommandRow | undefined;
  readonly unknownWord: string | undefined;
}

/** @param args without `node` and the script */
export function findCommand(args: readonly string[]): NamedCommand {
  const words = args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--progress');
  const path: string[] = [];
  let group = commandTree;
  for (const word of words) {
    const found = group.commands.find((row) => nameOf(row) === word);
    if (found === undefined) return { path, group, row: undefined, unknownWord: word };
    path.push(word);
    if (!isGroup(found)) return { path, group, row: found, unknownWord: undefined };
    group = found;
  }
  return { path, group, row: undefined, unknownWord: undefined };
}
