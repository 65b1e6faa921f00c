// `slipway qemu run`: an image in a machine for people, with the serial console or a root shell on the terminal.

import { join } from 'node:path';
import type { WorkerTools } from '../lib/namespace.ts';
import { quoteCommand } from '../lib/run.ts';
import { type AcceleratorChoice, probeAccelerator } from './accelerator.ts';
import type { PortForward } from './argv/network.ts';
import { bootWithArguments } from './kernel-arguments.ts';
import type { MachineFile } from './machine-file.ts';
import { sshKeyName, vncSocketName } from './machine-record.ts';
import { type MachineOptions, machineDefaults, startMachine } from './machine-run.ts';
import { joinTerminal, type Terminal } from './terminal.ts';

export interface RunImageOptions
  extends Pick<MachineOptions, 'image' | 'firmware' | 'persist'>,
    Omit<MachineFile, 'firmware' | 'guestPorts' | 'fixedPorts'> {
  readonly accelerator: AcceleratorChoice;
  /** Guest TCP ports to forward besides 22: from free ports of this host, and from these. */
  readonly guestPorts: readonly number[];
  readonly fixedPorts: readonly PortForward[];
  /** Shows the screen by VNC. */
  readonly vnc: boolean;
  /** Waits for the boot and opens a root shell instead of the console. */
  readonly ssh: boolean;
}

const sshWaitMs = 300_000;

/** Runs the image until the guest powers off or the user leaves. Throws Cancelled when the signal fires. */
export async function runImage(options: RunImageOptions, terminal: Terminal, tools: WorkerTools): Promise<void> {
  const { accelerator } = await probeAccelerator(options.accelerator, tools);
  const machine = await startMachine({ ...machineDefaults, ...options, accelerator }, tools);
  try {
    const keyFile = join(machine.folder, sshKeyName);
    const ports = await machine.qemu.forwardedPorts();
    tools.events.info(`ssh: ${quoteCommand(sshCommand(keyFile, ports.get(22)!))}`);
    for (const guestPort of [...options.guestPorts, ...options.fixedPorts.map((fixed) => fixed.guestPort)]) {
      tools.events.info(`port ${guestPort} of the guest is 127.0.0.1:${ports.get(guestPort)}`);
    }
    if (options.vnc) tools.events.info(`screen: ${quoteCommand(['vncviewer', join(machine.folder, vncSocketName)])}`);
    const { kernelArguments } = options;
    if (kernelArguments !== undefined) {
      await tools.events.step('Boot once to add the kernel arguments, and again with them', async () => {
        await machine.waitForBoot({ timeoutMs: sshWaitMs });
        await bootWithArguments(machine, kernelArguments, sshWaitMs);
      });
    }
    if (options.persist) tools.events.warning(`changes are written to ${options.image}`);
    if (options.ssh) {
      const ssh = await tools.events.step('Wait for ssh', () => machine.ssh(sshWaitMs));
      const { rows = 24, columns = 80 } = terminal.output;
      const shell = await ssh.shell({ rows, columns, term: process.env.TERM ?? 'vt100' });
      terminal.output.on('resize', () => shell.setWindow(terminal.output.rows, terminal.output.columns, 0, 0));
      await joinTerminal(shell, terminal, tools.signal);
    } else {
      tools.events.info('serial console; leave with Ctrl-A X');
      await joinTerminal(machine.qemu.serial, terminal, tools.signal);
    }
  } finally {
    await machine.stop();
  }
}

/** The ssh command for another terminal. The host key is new in each run, so it is not remembered. */
export function sshCommand(keyFile: string, port: number): string[] {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  return ['ssh', '-i', keyFile, '-p', String(port), ...options.flatMap((option) => ['-o', option]), 'root@127.0.0.1'];
}
