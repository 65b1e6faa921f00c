// Options of a machine -> a QEMU that runs and is heard. When a part of it fails, nothing of the others is left.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { WorkerTools } from '../lib/namespace.ts';
import { type Console, captureConsole } from './console.ts';
import { prepareFirmware } from './disk-files.ts';
import type { MachineNetwork } from './hardware.ts';
import { type MachineSpec, qemuArgv } from './machine.ts';
import { monitorSocketName, recordMachine, vncSocketName } from './machine-record.ts';
import type { MachineOptions } from './machine-run.ts';
import { machineSpec } from './machine-spec.ts';
import { type QemuProcess, startQemu } from './process.ts';
import { requireMemory, requireQemu } from './requirements.ts';
import { socketPath } from './socket-path.ts';
import type { SshKey } from './ssh.ts';
import { startTpm, type Tpm } from './tpm.ts';
import { makeWorkFolder, pidFileName } from './work-folder.ts';

export interface PoweredMachine {
  /** Work folder (absolute). */
  readonly folder: string;
  readonly spec: MachineSpec;
  readonly qemu: QemuProcess;
  readonly console: Console;
  /** What SeaBIOS said about its work. */
  readonly firmwareLog: Console;
  readonly tpm: Tpm | null;
  /** performance.now() just before QEMU started. */
  readonly poweredOnAtMs: number;
}

/** @throws UserError for everything that is missing, ToolError when QEMU ends at once, Cancelled */
export async function powerOn(options: MachineOptions, sshKey: SshKey, tools: WorkerTools): Promise<PoweredMachine> {
  await requireQemu(tools.signal);
  // A machine whose RAM is that of another one takes only what it changes.
  if (options.ramOfAnother !== true) await requireMemory(options.memoryMiB);
  const folder = await makeWorkFolder();
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const spec = await machineSpec(options, sshKey, folder, tools.signal);
    const left = options.leftBehind ?? null;
    const variables = { own: options.hardware?.uefiVariables ?? null, left: left?.variables ?? null };
    const uefi = await prepareFirmware(options.firmware, folder, variables, tools.signal);
    const tpm = options.hardware?.tpm === true ? await startTpm(folder, left?.tpmState ?? null, tools) : null;
    if (tpm !== null) undo.push(tpm.stop);
    const argv = qemuArgv(spec, {
      pidFile: join(folder, pidFileName),
      monitorSocket: socketPath(folder, monitorSocketName),
      vncSocket: options.vnc === true ? socketPath(folder, vncSocketName) : null,
      uefi,
      tpmSocket: tpm?.socket ?? null,
    });
    const switched = spec.nics.filter((nic) => nic.type === 'switched').length;
    const poweredOnAtMs = performance.now();
    const added = [...(options.extraArguments ?? []), ...(options.startArguments ?? [])];
    const qemu = await startQemu([...argv, ...added], spec.ports, folder, tools, switched);
    undo.push(qemu.kill);
    connectNetworks(options.hardware?.networks ?? [], qemu.networks);
    const consoleFile = options.consoleFile ?? join(folder, 'console.log');
    const console = captureConsole(qemu.serial, consoleFile);
    const firmwareLog = captureConsole(qemu.firmware, join(folder, 'firmware.log'));
    // A guest may have ended QEMU already; whoever waits for the boot is told so.
    const sshPort = (await qemu.forwardedPorts().catch(() => undefined))?.get(22) ?? null;
    const { image } = options;
    await recordMachine(folder, { image, qemuPid: qemu.pid, sshPort, consoleFile, privateKey: sshKey.privateKey });
    return { folder, spec, qemu, console, firmwareLog, tpm, poweredOnAtMs };
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

function connectNetworks(networks: readonly MachineNetwork[], cards: readonly Duplex[]): void {
  const switches = networks.flatMap((network) => (network.type === 'switch' ? [network.network] : []));
  for (const [index, network] of switches.entries()) network.connect(cards[index]!);
}
