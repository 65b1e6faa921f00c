// `--keep`: the machine of the first test that fails stands until Ctrl-C, and people are told how to enter it.

import { once } from 'node:events';
import { join } from 'node:path';
import { quoteCommand } from '../../../lib/run.ts';
import { machineName } from '../../../qemu/machine-record.ts';
import { formatSuiteReport } from '../../../qemu/suite/report.ts';
import type { KeepMachine } from '../../../qemu/suite/suite-options.ts';
import type { CommandTools } from '../../command.ts';

export function keepForPeople(output: string, { events, signal }: CommandTools): KeepMachine {
  let failed = '';
  return {
    standing: (machine, { name }) => {
      failed = name;
      const enter = quoteCommand(['slipway', 'qemu', 'ssh', machineName(machine.folder)]);
      events.warning(`${name} failed; its machine stands, enter it with ${enter}`);
    },
    wait: async (report) => {
      events.info(`${formatSuiteReport(report)}\nreports: ${join(output, 'report.html')}`);
      events.info(`the machine of ${failed} stands until Ctrl-C`);
      if (!signal.aborted) await once(signal, 'abort');
    },
  };
}
