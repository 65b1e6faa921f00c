// The option of every command that reads a treefile for an architecture.

import { baseArchitectures } from '../compose/treefile/architectures.ts';

export const archOption = {
  arch: {
    type: 'string',
    choices: baseArchitectures,
    describe: "RPM base architecture to read the treefile for (default: this machine's)",
  },
} as const;
