// `slipway host …` on a build machine: says where the command lives. In a host /usr/bin/slipway is the agent's own program (host-agent/main.ts).

import { UserError } from '../../lib/errors.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  positionals: { command: { type: 'string', describe: 'status, upgrade or rollback' } },
  options: {
    check: { type: 'boolean', describe: 'upgrade: only say whether there is a newer version' },
    force: { type: 'boolean', describe: 'upgrade: also install a version that failed to start on the host' },
    reboot: { type: 'boolean', describe: 'upgrade, rollback: reboot at once' },
  },
  examples: [
    ['host status --json', 'In a host: its deployments and boot counter'],
    ['host upgrade --reboot', 'In a host: start the newest version'],
  ],
  async run({ command: name = 'status' }) {
    throw new UserError('not-a-host', `slipway host ${name} runs in a Slipway host, and this is a build machine`, {
      hint: `log in to the host and run it there: ssh root@HOST slipway host ${name}`,
    });
  },
});
