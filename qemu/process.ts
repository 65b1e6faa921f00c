// Starts QEMU and never leaves it behind: it dies with this process however that ends, and all channels to it are inherited socket
// pairs, so there are no ports to collide on.

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { baseEnvironment } from '../lib/base-environment.ts';
import { ToolError, UserError } from '../lib/errors.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import { missingTool, quoteCommand } from '../lib/run.ts';
import { firmwareDescriptor, firstPortDescriptor, qmpDescriptor, serialDescriptor } from './machine.ts';
import { connectQmp, type Qmp } from './qmp.ts';

export interface QemuExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What QEMU wrote to stdout and stderr. */
  readonly output: string;
}

export interface QemuProcess {
  readonly pid: number;
  readonly qmp: Qmp;
  /** The guest's first serial port. */
  readonly serial: Duplex;
  /** What SeaBIOS says about its work; other firmware is silent here. */
  readonly firmware: Duplex;
  /** The virtio-serial ports, by name. */
  readonly ports: ReadonlyMap<string, Duplex>;
  /** The far ends of the switched network cards, in their order. */
  readonly networks: readonly Duplex[];
  /** Resolves, never rejects, when QEMU has ended. */
  readonly exited: Promise<QemuExit>;
  /** Host port of each forwarded guest port of a network card. */
  forwardedPorts(): Promise<Map<number, number>>;
  /** Ends the guest as a power cut does, but lets QEMU write out what it holds for the image. */
  quit(): Promise<QemuExit>;
  /** Ends QEMU at once, as a power cut does, and waits until it is gone. */
  kill(): Promise<QemuExit>;
}

const quitLimitMs = 10_000;

/**
 * Starts QEMU and waits until its monitor answers.
 * `setpriv --pdeathsig` lets the kernel end QEMU when the thread that started it ends (prctl(2) PR_SET_PDEATHSIG), also after SIGKILL.
 * @param argv from qemuArgv()
 * @param portNames the spec's virtio-serial ports, in the same order
 * @param networkCount how many switched network cards the spec has
 * @param folder work folder; receives qemu.log
 * @throws UserError `tool-missing`, `port-taken`, `memory-short`, ToolError when QEMU ends before it answers, Cancelled.
 */
export async function startQemu(
  argv: readonly string[],
  portNames: readonly string[],
  folder: string,
  tools: WorkerTools,
  networkCount = 0,
): Promise<QemuProcess> {
  tools.signal.throwIfAborted();
  tools.events.emit({ type: 'command', command: quoteCommand(argv) });
  const logFile = join(folder, 'qemu.log');
  const log = openSync(logFile, 'a');
  const firstNetworkDescriptor = firstPortDescriptor + portNames.length;
  const networks = Array.from({ length: networkCount }, (_, index) => firstNetworkDescriptor + index);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], {
    stdio: ['ignore', log, log, 'pipe', 'pipe', 'pipe', ...[...portNames, ...networks].map(() => 'pipe' as const)],
    env: baseEnvironment(),
    detached: true, // Ctrl-C reaches only us; we end QEMU in order
  });
  closeSync(log);

  const channel = (descriptor: number): Duplex => {
    const stream = child.stdio[descriptor] as unknown as Duplex;
    stream.on('error', () => {}); // the exit tells the story
    return stream;
  };
  const exited = new Promise<QemuExit>((resolve) => {
    const end = async (exitCode: number | null, signal: string | null): Promise<void> =>
      resolve({ exitCode, signal, output: (await readFile(logFile, 'utf8')).trim() });
    child.on('error', (error) => resolve({ exitCode: null, signal: null, output: error.message }));
    child.on('exit', (exitCode, signal) => void end(exitCode, signal));
  });
  const kill = async (): Promise<QemuExit> => {
    child.kill('SIGKILL');
    return await exited;
  };
  const qmp = connectQmp(channel(qmpDescriptor));
  const process: QemuProcess = {
    pid: child.pid ?? 0,
    qmp,
    serial: channel(serialDescriptor),
    firmware: channel(firmwareDescriptor),
    ports: new Map(portNames.map((name, index) => [name, channel(firstPortDescriptor + index)])),
    networks: networks.map(channel),
    exited,
    forwardedPorts: async () => parseForwardedPorts(await qmp.human('info usernet')),
    quit: async () => {
      qmp.execute('quit').catch(() => {}); // its connection ends with it
      const late = setTimeout(() => void kill(), quitLimitMs);
      return await exited.finally(() => clearTimeout(late));
    },
    kill,
  };
  if (child.pid === undefined) throw missingTool('setpriv');

  try {
    await Promise.race([qmp.execute('query-status'), exited.then((exit) => Promise.reject(startFailure(argv, exit)))]);
  } catch (error) {
    const exit = await kill();
    throw error instanceof ToolError || error instanceof UserError ? error : startFailure(argv, exit);
  }
  return process;
}

/**
 * Reads `info usernet`, whose lines look like `TCP[HOST_FORWARD]  5  127.0.0.1 34065  10.0.2.15  22  0  0`.
 * Gives guest port -> host port.
 */
export function parseForwardedPorts(text: string): Map<number, number> {
  const forwards = text.matchAll(/TCP\[HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)\s+\S+\s+(\d+)/g);
  return new Map([...forwards].map(([, host, guest]) => [Number(guest), Number(host)]));
}

function startFailure(argv: readonly string[], exit: QemuExit): Error {
  const program = argv[0]!;
  // setpriv(1) ends with 127 and this sentence when the program is not there.
  if (exit.exitCode === 127 || /setpriv: failed to execute/.test(exit.output)) return missingTool(program);
  const taken = /Could not set up host forwarding rule 'tcp:([^']*):(\d+)-/.exec(exit.output);
  if (taken !== null) {
    return new UserError('port-taken', `port ${taken[2]} of ${taken[1]} cannot be had for the machine`, {
      hint: 'another program has it, or it is below 1024: choose another one, or leave the choice to QEMU',
    });
  }
  if (/cannot set up guest memory|Cannot allocate memory/.test(exit.output)) {
    return new UserError('memory-short', 'this host does not give QEMU the memory of the machine', {
      hint: 'give the machine less with --memory, or end other programs',
    });
  }
  return new ToolError({
    message: `${program} ended before the machine started`,
    command: quoteCommand(argv),
    exitCode: exit.exitCode,
    signal: exit.signal,
    output: exit.output,
  });
}
