// Joins a terminal to a machine that another command runs: a root shell, one command, its console as it comes, or a picture of its screen.

import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { UserError } from '../lib/errors.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';
import type { GuestResult } from './guest-command.ts';
import type { MachineRecord } from './machine-record.ts';
import { connectQmp } from './qmp.ts';
import { takeScreenshot } from './screen.ts';
import { connectSsh, type Ssh } from './ssh.ts';
import { joinTerminal, type Terminal } from './terminal.ts';

const sshWaitMs = 60_000;
/** Whatever the command's status is, it is the result. */
const anyStatus = Array.from({ length: 256 }, (_, status) => status);

/** Opens a root shell; ends when the user leaves it. */
export async function attachShell(machine: MachineRecord, terminal: Terminal, tools: WorkerTools): Promise<void> {
  await withSsh(machine, tools, async (ssh) => {
    const { rows = 24, columns = 80 } = terminal.output;
    const shell = await ssh.shell({ rows, columns, term: process.env.TERM ?? 'vt100' });
    terminal.output.on('resize', () => shell.setWindow(terminal.output.rows, terminal.output.columns, 0, 0));
    await joinTerminal(shell, terminal, tools.signal);
  });
}

/** Runs a command in the machine. */
export async function runInMachine(
  machine: MachineRecord,
  argv: readonly string[],
  tools: WorkerTools,
): Promise<GuestResult> {
  const timeoutMs = 24 * 60 * 60_000;
  return await withSsh(machine, tools, (ssh) => ssh.run(argv, { okExitCodes: anyStatus, timeoutMs }));
}

/** Arguments that print a console from its beginning until QEMU ends. */
export function followArgv({ consoleFile, qemuPid }: MachineRecord): string[] {
  return ['tail', '--lines=+1', '--follow', `--pid=${qemuPid}`, consoleFile];
}

/** Gives each line of the console, those so far and those to come, until the machine ends. */
export async function followConsole(
  machine: MachineRecord,
  onLine: (line: string) => void,
  tools: WorkerTools,
): Promise<void> {
  await run(followArgv(machine), { signal: tools.signal, onLine });
}

/** Writes what the machine's screen shows into a file (PNG), by its second monitor. @throws UserError `screenshot` */
export async function screenshotOf(machine: MachineRecord, file: string): Promise<void> {
  const stream = connect(machine.monitorSocket);
  try {
    await takeScreenshot(connectQmp(stream), file);
  } finally {
    stream.destroy();
  }
}

async function withSsh<T>(machine: MachineRecord, tools: WorkerTools, work: (ssh: Ssh) => Promise<T>): Promise<T> {
  const { name, sshPort, sshKeyFile } = machine;
  if (sshPort === null) throw new UserError('ssh-silent', `the machine ${name} has no port for ssh`);
  const address = { host: '127.0.0.1', port: sshPort, user: 'root', privateKey: await readFile(sshKeyFile, 'utf8') };
  const ssh = await connectSsh(address, sshWaitMs, tools.signal);
  try {
    return await work(ssh);
  } finally {
    ssh.close();
  }
}
