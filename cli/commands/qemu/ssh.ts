// `slipway qemu ssh`: into a machine that runs.

import { UserError } from '../../../lib/errors.ts';
import { attachShell, runInMachine } from '../../../qemu/attach.ts';
import { listMachines, pickMachine } from '../../../qemu/machine-record.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  positionals: {
    name: { type: 'string', describe: 'Name from `slipway qemu list`; not needed when one machine runs' },
    command: { type: 'string', array: true, default: [], describe: 'Command to run instead of a shell' },
  },
  examples: [
    ['qemu ssh', 'A root shell in the only machine'],
    ['qemu ssh 1f2e3d4c -- journalctl --boot', 'One command in a machine of that name'],
  ],
  async run({ name, command: words, _: rest }, { events, signal, json }) {
    const machine = pickMachine(await listMachines(), name);
    // yargs keeps what stands behind -- apart from the positionals, behind the words `qemu ssh`.
    const argv = [...(words as readonly unknown[]), ...rest.slice(2)].map(String);
    if (argv.length > 0) {
      const result = await runInMachine(machine, argv, { events, signal });
      return { document: result, text: `${result.stdout}${result.stderr}`.trimEnd(), exitCode: result.exitCode ?? 1 };
    }
    if (json) throw new UserError('interactive', 'a shell has no JSON result', { hint: 'give a command behind --' });
    await attachShell(machine, { input: process.stdin, output: process.stdout }, { events, signal });
    return undefined;
  },
});
