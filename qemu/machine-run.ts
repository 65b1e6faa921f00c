// A running machine: QEMU, its console, the guest's verdicts, commands in it and ssh. Everything that it made is gone after stop().

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { WorkerTools } from '../lib/namespace.ts';
import { agentPort, connectAgent } from './agent.ts';
import { type BootOutcome, type BootWatchOptions, bootFailure, watchBoot } from './boot-watch.ts';
import { type Console, captureConsole } from './console.ts';
import { prepareFiles } from './disk-files.ts';
import { type LiveFaults, liveFaults } from './faults/live-faults.ts';
import { cutPower, loseUnflushed, type Unflushed } from './faults/power-cut.ts';
import type { GuestResult, GuestRunOptions } from './guest-command.ts';
import type { Hardware, MachineNetwork } from './hardware.ts';
import type { Accelerator, Credential, DirectKernel, Firmware, MachineSpec } from './machine.ts';
import { qemuArgv } from './machine.ts';
import { recordMachine } from './machine-record.ts';
import { machineSpec } from './machine-spec.ts';
import { type QemuProcess, startQemu } from './process.ts';
import { connectSsh, generateSshKey, type Ssh, type SshKey } from './ssh.ts';
import { startTpm, type Tpm } from './tpm.ts';
import { type GuestVerdict, listenForVerdicts, type VerdictPort, verdictPort } from './verdict.ts';
import { makeWorkFolder } from './work-folder.ts';

export interface MachineOptions {
  /** Raw or qcow2 image. */
  readonly image: string;
  readonly firmware: Firmware;
  readonly accelerator: Accelerator;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Writes to the image itself instead of a throw-away overlay. */
  readonly persist: boolean;
  /** Guest TCP ports reachable from 127.0.0.1, besides 22. */
  readonly guestPorts: readonly number[];
  readonly watchdog: boolean;
  readonly credentials: readonly Credential[];
  /** Boots this kernel instead of the image's boot loader. */
  readonly directKernel: DirectKernel | null;
  /** Where the console is kept; without it, in the work folder. */
  readonly consoleFile?: string;
  /** The key that root takes; without it, a new one. A machine restored from another one needs that one's key. */
  readonly sshKey?: SshKey;
  /** What the machine has besides; see plainHardware. */
  readonly hardware?: Partial<Hardware>;
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
  /** Reboots from inside and waits for the next verdict. */
  reboot(options?: Partial<BootWatchOptions>): Promise<GuestVerdict>;
  /** The port on 127.0.0.1 that leads to a port of the guest; forwards it if need be. */
  forward(guestPort: number): Promise<number>;
  /** Stores RAM and disks under a name inside the overlay. */
  snapshot(name: string): Promise<void>;
  /** Returns to a stored state; ssh connections are made anew. */
  restore(name: string): Promise<void>;
  /**
   * Cuts the power and starts a machine from what the guest had flushed (hardware `writeLog`); this one is gone.
   * UEFI variables and TPM state begin anew, and the console file is another (`.after`). Without `unflushed`, all that was not flushed is lost.
   * @throws UserError `write-log`
   */
  powerCut(unflushed?: Unflushed): Promise<Machine>;
  /** Ends QEMU and removes all files of this run. May be called twice. */
  stop(): Promise<void>;
}

const bootDefaults: BootWatchOptions = { timeoutMs: 300_000, tolerate: false };
const sshTimeoutMs = 60_000;

/** Starts a machine from an image. The caller stops it, in a `finally`; the signal stops it as well. */
export async function startMachine(options: MachineOptions, tools: WorkerTools): Promise<Machine> {
  const folder = await makeWorkFolder();
  const sshKey = options.sshKey ?? generateSshKey();
  const consoleFile = options.consoleFile ?? join(folder, 'console.log');
  let qemu: QemuProcess;
  let startedAtMs: number;
  let tpm: Tpm | null = null;
  let spec: MachineSpec;
  try {
    spec = await machineSpec(options, sshKey, folder, tools.signal);
    const files = await prepareFiles(options.firmware, folder, tools.signal);
    if (options.hardware?.tpm === true) tpm = await startTpm(folder, tools);
    startedAtMs = performance.now();
    const argv = qemuArgv(spec, { ...files, tpmSocket: tpm?.socket ?? null });
    const switched = spec.nics.filter((nic) => nic.type === 'switched').length;
    qemu = await startQemu(
      [...argv, ...(options.extraArguments ?? []), ...(options.startArguments ?? [])],
      spec.ports,
      folder,
      tools,
      switched,
    );
  } catch (error) {
    tpm?.stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const consoleLog = captureConsole(qemu.serial, consoleFile);
  const firmwareLog = captureConsole(qemu.firmware, join(folder, 'firmware.log'));
  const verdicts = listenForVerdicts(qemu.ports.get(verdictPort)!);
  const agent = connectAgent(qemu.ports.get(agentPort)!);
  connectNetworks(options.hardware?.networks ?? [], qemu.networks);
  let boot: BootStart = { poweredOnAtMs: startedAtMs, consoleLine: 0, previousConsoleLine: 0, verdicts: 0 };
  let connection: Promise<Ssh> | undefined;

  const disconnect = (): void => {
    connection?.then((ssh) => ssh.close()).catch(() => {});
    connection = undefined;
  };
  const forgetConnection = (): void => {
    disconnect();
    agent.reset();
  };
  qemu.qmp.onEvent(({ event }) => {
    if (event !== 'RESET') return;
    forgetConnection();
    boot = {
      poweredOnAtMs: performance.now(),
      consoleLine: consoleLog.lines().length,
      previousConsoleLine: boot.consoleLine,
      verdicts: verdicts.verdicts.length,
    };
  });

  const forward = async (guestPort: number): Promise<number> => {
    const known = (await qemu.forwardedPorts()).get(guestPort);
    if (known !== undefined) return known;
    const complaint = await qemu.qmp.human(`hostfwd_add net0 tcp:127.0.0.1:0-:${guestPort}`);
    const port = (await qemu.forwardedPorts()).get(guestPort);
    if (port === undefined) throw new Error(`QEMU does not forward port ${guestPort}: ${complaint}`);
    return port;
  };
  const ssh = (timeoutMs = sshTimeoutMs): Promise<Ssh> => {
    if (connection !== undefined) return connection;
    const fresh = forward(22).then((port) =>
      connectSsh({ host: '127.0.0.1', port, user: 'root', privateKey: sshKey.privateKey }, timeoutMs, tools.signal),
    );
    const forget = (): void => {
      if (connection === fresh) connection = undefined;
    };
    fresh.then((made) => made.closed).then(forget, forget);
    connection = fresh;
    return fresh;
  };
  const end = async (): Promise<void> => {
    tools.signal.removeEventListener('abort', stopOnAbort);
    disconnect();
    await (options.persist ? qemu.quit() : qemu.kill());
    tpm?.stop();
    await Promise.all([consoleLog.closed, firmwareLog.closed]);
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
    console: consoleLog,
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
    ssh,
    run: agent.run,
    reboot: async (watchOptions) => {
      const known = verdicts.verdicts.length;
      // The answer may be lost with the connection: the next verdict is the proof.
      await machine.run(['systemctl', 'reboot'], { timeoutMs: 30_000 }).catch(() => {});
      disconnect();
      const outcome = await watchBoot(
        machine,
        { ...bootDefaults, ...watchOptions, knownVerdicts: known, resetExpected: true },
        tools.signal,
      );
      if (outcome.type === 'verdict') return outcome.verdict;
      throw bootFailure(machine, outcome);
    },
    forgetConnection,
    forward,
    snapshot: async (name) => expectSilence(await qemu.qmp.human(`savevm ${name}`)),
    restore: async (name) => {
      forgetConnection();
      expectSilence(await qemu.qmp.human(`loadvm ${name}`));
    },
    ...liveFaults(qemu.qmp, (argv) => machine.run(argv)),
    powerCut: async (unflushed = { type: 'lost' }) => {
      try {
        await cutPower(qemu);
        await end();
        const left = await loseUnflushed(options.image, spec.disks[0]!, folder, unflushed, tools);
        return await startMachine(
          {
            ...options,
            image: left,
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
  // A guest may have ended QEMU already; whoever waits for the boot is told so.
  const sshPort = (await qemu.forwardedPorts().catch(() => undefined))?.get(22) ?? null;
  const { image } = options;
  await recordMachine(folder, { image, qemuPid: qemu.pid, sshPort, consoleFile, privateKey: sshKey.privateKey });
  return machine;
}

function connectNetworks(networks: readonly MachineNetwork[], cards: readonly Duplex[]): void {
  const switches = networks.flatMap((network) => (network.type === 'switch' ? [network.network] : []));
  for (const [index, network] of switches.entries()) network.connect(cards[index]!);
}

// savevm and loadvm say nothing when they succeed.
function expectSilence(answer: string): void {
  if (answer.trim() !== '') throw new Error(`QEMU: ${answer.trim()}`);
}
