// A running machine: QEMU, its console, the guest's verdicts, commands in it and ssh. Everything that it made is gone after stop().

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../lib/errors.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import { agentPort, connectAgent } from './agent.ts';
import type { PortForward } from './argv/network.ts';
import { strictPolicy } from './base-checks.ts';
import { type BootOutcome, type BootWatchOptions, bootFailure, watchBoot } from './boot-watch.ts';
import type { Console } from './console.ts';
import { variablesName } from './disk-files.ts';
import { type LiveFaults, liveFaults } from './faults/live-faults.ts';
import { cutPower, type LeftBehind, loseUnflushed, requireWriteLog, type Unflushed } from './faults/power-cut.ts';
import type { GuestResult, GuestRunOptions } from './guest-command.ts';
import { guestConnection } from './guest-ssh.ts';
import type { Hardware } from './hardware.ts';
import type { Accelerator, Credential, DirectKernel, Firmware } from './machine.ts';
import { powerOn } from './power-on.ts';
import type { QemuProcess } from './process.ts';
import { requestReboot } from './request-reboot.ts';
import { takeScreenshot } from './screen.ts';
import { loadSnapshot, saveSnapshot } from './snapshots.ts';
import { generateSshKey, type Ssh, type SshKey } from './ssh.ts';
import { type GuestVerdict, listenForVerdicts, type VerdictPort, verdictPort } from './verdict.ts';

export interface MachineOptions {
  /** Raw or qcow2 image. */
  readonly image: string;
  readonly firmware: Firmware;
  readonly accelerator: Accelerator;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Writes to the image itself instead of a throw-away overlay. */
  readonly persist: boolean;
  /** Guest TCP ports reachable from 127.0.0.1 at ports that QEMU finds free, besides 22. */
  readonly guestPorts: readonly number[];
  /** The same at ports of the caller's choice. */
  readonly fixedPorts?: readonly PortForward[];
  readonly watchdog: boolean;
  /** A boot hangs when no job came or went for this long; the guest is told it too. */
  readonly stuckAfterSeconds: number;
  readonly credentials: readonly Credential[];
  /** Boots this kernel instead of the image's boot loader. */
  readonly directKernel: DirectKernel | null;
  /** Where the console is kept; without it, in the work folder. */
  readonly consoleFile?: string;
  /** The key that root takes; without it, a new one. A machine restored from another one needs that one's key. */
  readonly sshKey?: SshKey;
  /** What the machine has besides; see plainHardware. */
  readonly hardware?: Partial<Hardware>;
  /** Shows the screen on a VNC socket in the work folder. */
  readonly vnc?: boolean;
  /** The RAM is that of another machine, copy-on-write, so this host need not have it again. */
  readonly ramOfAnother?: boolean;
  /** What a machine whose power was cut left; this one goes on with it. Its first disk is the image. */
  readonly leftBehind?: LeftBehind;
  /** Folders that go when the machine is stopped, e.g. the one that its image lies in. */
  readonly alsoRemove?: readonly string[];
  /** For QEMU, behind the arguments of the spec. */
  readonly extraArguments?: readonly string[];
  /** The same for this start alone: not after a power cut. */
  readonly startArguments?: readonly string[];
}

export const machineDefaults = {
  memoryMiB: 1024,
  cpus: 1, // a boot is not quicker with two: under TCG each is a core of the host
  persist: false,
  guestPorts: [],
  watchdog: false,
  stuckAfterSeconds: strictPolicy.stuckAfterSeconds,
  credentials: [],
  directKernel: null,
} as const satisfies Partial<MachineOptions>;

/** Where the console and the verdicts of the present boot begin. */
export interface BootStart {
  readonly poweredOnAtMs: number;
  readonly consoleLine: number;
  /** Where the console of the boot before it begins; 0 without one. */
  readonly previousConsoleLine: number;
  readonly verdicts: number;
}

export interface Machine extends LiveFaults {
  readonly options: MachineOptions;
  /** Work folder (absolute): gone after stop(). */
  readonly folder: string;
  readonly qemu: QemuProcess;
  readonly console: Console;
  /** What SeaBIOS said about its work. */
  readonly firmwareLog: Console;
  readonly verdicts: VerdictPort;
  readonly sshKey: SshKey;
  /** The boot that runs now. */
  currentBoot(): BootStart;
  /** Waits for the end of the boot, however it ends. */
  watchBoot(options: BootWatchOptions): Promise<BootOutcome>;
  /** Waits for the guest's verdict. @throws UserError that says where the boot stands and what the console last said. */
  waitForBoot(options?: Partial<BootWatchOptions>): Promise<GuestVerdict>;
  /** The ssh connection as root, made at the first call and again after a reboot. */
  ssh(timeoutMs?: number): Promise<Ssh>;
  /** Runs a command as root by the agent in the guest (qemu/agent.ts), which needs no network; one after another. */
  run(argv: readonly string[], options?: GuestRunOptions): Promise<GuestResult>;
  /** Gives up what runs in the guest and connects anew at the next command: after a soft reboot, which QEMU does not notice. */
  forgetConnection(): void;
  /** Reboots from inside and waits for the next verdict. @throws UserError `reboot-refused`, or as waitForBoot() */
  reboot(options?: Partial<BootWatchOptions>): Promise<GuestVerdict>;
  /** The port on 127.0.0.1 that leads to a port of the guest; forwards it if need be. */
  forward(guestPort: number): Promise<number>;
  /**
   * Stores RAM and disks under a name inside the overlay.
   * @throws UserError `snapshot-impossible` for hardware that QEMU cannot store
   */
  snapshot(name: string): Promise<void>;
  /** Returns to a stored state; ssh connections are made anew. @throws UserError `snapshot-unknown` */
  restore(name: string): Promise<void>;
  /** Writes what the screen shows into a file (PNG). @throws UserError `screenshot` */
  screenshot(file: string): Promise<void>;
  /**
   * Cuts the power and starts a machine from what the guest had flushed (hardware `writeLog`); this one is gone.
   * All disks, the UEFI variables and the TPM are as the guest left them; the console file is another (`.after`).
   * Without `unflushed`, all that was not flushed is lost.
   * @throws UserError `write-log`
   */
  powerCut(unflushed?: Unflushed): Promise<Machine>;
  /** Ends QEMU and removes all files of this run. May be called twice. */
  stop(): Promise<void>;
}

const bootDefaults: BootWatchOptions = { timeoutMs: 300_000, tolerate: false };

/** Starts a machine from an image. The caller stops it, in a `finally`; the signal stops it as well. */
export async function startMachine(options: MachineOptions, tools: WorkerTools): Promise<Machine> {
  const sshKey = options.sshKey ?? generateSshKey();
  const powered = await powerOn(options, sshKey, tools);
  const { folder, spec, qemu, firmwareLog, tpm } = powered;
  const verdicts = listenForVerdicts(qemu.ports.get(verdictPort)!);
  const agent = connectAgent(qemu.ports.get(agentPort)!);
  const connection = guestConnection(qemu, sshKey, tools.signal);
  const forgetConnection = (): void => {
    connection.disconnect();
    agent.reset();
  };
  let boot: BootStart = {
    poweredOnAtMs: powered.poweredOnAtMs,
    consoleLine: 0,
    previousConsoleLine: 0,
    verdicts: 0,
  };
  qemu.qmp.onEvent(({ event }) => {
    if (event !== 'RESET') return;
    forgetConnection();
    boot = {
      poweredOnAtMs: performance.now(),
      consoleLine: powered.console.lines().length,
      previousConsoleLine: boot.consoleLine,
      verdicts: verdicts.verdicts.length,
    };
  });

  const end = async (): Promise<void> => {
    tools.signal.removeEventListener('abort', stopOnAbort);
    connection.disconnect();
    await (options.persist ? qemu.quit() : qemu.kill());
    await tpm?.stop();
    await Promise.all([powered.console.closed, firmwareLog.closed]);
    const failure = powered.console.writeFailure();
    if (failure !== null) tools.events.warning(failure.message);
  };
  const ownFolders = [folder, ...(options.alsoRemove ?? [])];
  const removeFolders = async (): Promise<void> => {
    for (const owned of ownFolders) await rm(owned, { recursive: true, force: true });
  };
  const stop = async (): Promise<void> => {
    await end();
    await removeFolders();
  };
  const stopOnAbort = (): void => void stop();
  tools.signal.addEventListener('abort', stopOnAbort, { once: true });

  const machine: Machine = {
    options,
    folder,
    qemu,
    console: powered.console,
    firmwareLog,
    verdicts,
    sshKey,
    currentBoot: () => boot,
    watchBoot: (watchOptions) => watchBoot(machine, watchOptions, tools.signal),
    waitForBoot: async (watchOptions) => {
      const outcome = await watchBoot(machine, { ...bootDefaults, ...watchOptions }, tools.signal);
      if (outcome.type === 'verdict') return outcome.verdict;
      throw bootFailure(machine, outcome);
    },
    ssh: connection.ssh,
    run: agent.run,
    reboot: async (watchOptions) => {
      const known = verdicts.verdicts.length;
      const refusal = await requestReboot(machine, 'reboot');
      if (refusal !== null) throw new UserError('reboot-refused', `the guest does not reboot: ${refusal}`);
      connection.disconnect();
      const outcome = await watchBoot(
        machine,
        { ...bootDefaults, ...watchOptions, knownVerdicts: known, resetExpected: true },
        tools.signal,
      );
      if (outcome.type === 'verdict') return outcome.verdict;
      throw bootFailure(machine, outcome);
    },
    forgetConnection,
    forward: connection.forward,
    snapshot: (name) => saveSnapshot(qemu.qmp, spec, name),
    restore: async (name) => {
      forgetConnection();
      await loadSnapshot(qemu.qmp, spec, name);
    },
    screenshot: (file) => takeScreenshot(qemu.qmp, file),
    ...liveFaults({ qmp: qemu.qmp, disks: spec.disks, folder }, (argv) => machine.run(argv)),
    powerCut: async (unflushed = { type: 'lost' }) => {
      try {
        requireWriteLog(spec.disks);
        await cutPower(qemu, spec);
        await end();
        const leftBehind: LeftBehind = {
          disks: await loseUnflushed(spec.disks, folder, unflushed, tools),
          variables: spec.firmware === 'bios' ? null : join(folder, variablesName),
          tpmState: tpm?.stateFolder ?? null,
        };
        return await startMachine(
          {
            ...options,
            image: leftBehind.disks[0]!,
            leftBehind,
            sshKey,
            startArguments: [],
            alsoRemove: ownFolders,
            ...(options.consoleFile === undefined ? {} : { consoleFile: `${options.consoleFile}.after` }),
          },
          tools,
        );
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
  };
  return machine;
}
