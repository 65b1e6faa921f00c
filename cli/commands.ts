// The tree of all commands. A command's module is loaded only when it is called, so that start-up stays quick.

import type { Command } from './command.ts';

export interface CommandRow {
  /** Name and positionals as yargs writes them: `tree <treefile>`. */
  readonly usage: string;
  readonly describe: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

export interface CommandGroup {
  readonly usage: string;
  readonly describe: string;
  readonly commands: readonly (CommandRow | CommandGroup)[];
}

export const commandTree: CommandGroup = {
  usage: 'slipway',
  describe: 'Compose RPMs into OSTree commits, build host images from them and prove them by booting',
  commands: [
    {
      usage: 'doctor',
      describe: 'Check that this machine has what Slipway needs',
      load: () => import('./commands/doctor.ts'),
    },
    {
      usage: 'self-test',
      describe: 'Run all tests of this checkout',
      load: () => import('./commands/self-test.ts'),
    },
    {
      usage: 'completion',
      describe: 'Print the completion script for your shell',
      load: () => import('./commands/completion.ts'),
    },
  ],
};

/** The first word of the usage. */
export function nameOf(row: CommandRow | CommandGroup): string {
  return row.usage.split(' ')[0]!;
}

export function isGroup(row: CommandRow | CommandGroup): row is CommandGroup {
  return 'commands' in row;
}
