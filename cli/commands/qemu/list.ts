// `slipway qemu list`: the machines that run, whoever started them.

import { listMachines, type MachineRecord } from '../../../qemu/machine-record.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  examples: [['qemu list', 'Name, ssh port and image of each machine']],
  async run() {
    const machines = await listMachines();
    const document = { kind: 'machine-list', version: 1, machines };
    return { document, text: machines.length === 0 ? 'no machine runs' : machines.map(describe).join('\n') };
  },
});

function describe({ name, sshPort, startedAt, image }: MachineRecord): string {
  return `${name}  ssh ${sshPort ?? '-'}  since ${startedAt.slice(11, 19)} UTC  ${image}`;
}
