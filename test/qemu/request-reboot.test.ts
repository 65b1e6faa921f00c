// What a guest answers to a reboot, and what that means.

import test from 'ava';
import { ToolError } from '../../lib/errors.ts';
import type { Machine } from '../../qemu/machine-run.ts';
import { requestReboot } from '../../qemu/request-reboot.ts';

/** A guest whose systemctl ends with this status (null: nobody answers), and then is in this state (null: the same). */
function guest(exitCode: number | null, output: string, state: string | null): Pick<Machine, 'run'> {
  const fail = (status: number | null): never => {
    throw new ToolError({ message: 'failed', command: '', exitCode: status, signal: null, output });
  };
  return {
    run: async (argv) => {
      if (argv[0] === 'sh') return { stdout: `${state ?? fail(null)}\n`, stderr: '', exitCode: 0 };
      return exitCode === 0 ? { stdout: '', stderr: '', exitCode } : fail(exitCode);
    },
  };
}

const masked = 'Call to Reboot failed: Unit reboot.target is masked.';
const answers: [title: string, guest: Pick<Machine, 'run'>, refusal: string | null][] = [
  ['a yes', guest(0, '', 'stopping'), null],
  ['an answer that is lost with the connection', guest(null, '', null), null],
  ['a failure of a guest that goes down', guest(1, 'Connection reset by peer', 'stopping'), null],
  ['a failure of a guest that is gone', guest(1, 'Connection reset by peer', null), null],
  ['a systemctl that was too slow to ask', guest(124, '', 'running'), 'systemctl reboot ended with status 124'],
  [
    'a refusal',
    guest(1, masked, 'running'),
    'systemctl reboot ended with status 1: Call to Reboot failed: Unit reboot.target is masked.',
  ],
];
for (const [title, machine, refusal] of answers) {
  test(`requestReboot() understands ${title}`, async (t) => t.is(await requestReboot(machine, 'reboot'), refusal));
}
