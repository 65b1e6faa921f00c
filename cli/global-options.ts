// The options that every command understands.

import type { InferredOptionTypes, Options } from 'yargs';

export const globalOptions = {
  json: { type: 'boolean', default: false, describe: 'Print the result on stdout as JSON, errors too' },
  progress: {
    choices: ['auto', 'live', 'plain', 'json', 'none'],
    default: 'auto',
    requiresArg: true,
    describe: 'How progress is shown on stderr',
  },
  quiet: { type: 'boolean', default: false, describe: 'Show no progress, only warnings and errors' },
  debug: { type: 'boolean', default: false, describe: 'Show every program that is started, and stacks of errors' },
  color: { type: 'boolean', describe: 'Use colours (default: on a terminal; --no-color for never)' },
} as const satisfies Record<string, Options>;

export type GlobalOptions = InferredOptionTypes<typeof globalOptions>;
