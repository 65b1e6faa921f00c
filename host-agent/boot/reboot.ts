// Asks systemd for a reboot; services stop in order and a staged deployment is written.

import { run } from '../run.ts';

export const rebootArgv: readonly string[] = ['systemctl', 'reboot', '--no-block'];

export async function reboot(): Promise<void> {
  await run(rebootArgv);
}
