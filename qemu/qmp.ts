// QEMU's machine protocol: commands and events as JSON lines over a stream (docs/interop/qmp-spec of QEMU).

import type { Duplex } from 'node:stream';

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

type QmpMessage =
  | { readonly QMP: unknown }
  | { readonly return: unknown; readonly id: number }
  | { readonly error: { readonly class: string; readonly desc: string }; readonly id: number }
  | { readonly event: string; readonly data?: Readonly<Record<string, unknown>> };

export interface Qmp {
  /** Runs one command and gives what it returns. @throws Error with QEMU's description, or when the connection has ended. */
  execute(command: string, commandArguments?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Runs a command of the human monitor, for the few things that QMP lacks, and gives its text. */
  human(commandLine: string): Promise<string>;
  onEvent(listener: (event: QmpEvent) => void): void;
}

/** Speaks QMP over a connected stream. Commands may be given at once: QEMU answers them in order after its greeting. */
export function connectQmp(stream: Duplex): Qmp {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners: ((event: QmpEvent) => void)[] = [];
  let nextId = 1;
  let ended = false;
  let rest = '';

  const receive = (message: QmpMessage): void => {
    if ('event' in message) {
      for (const listener of listeners) listener({ event: message.event, data: message.data ?? {} });
    } else if ('id' in message) {
      const waiter = waiting.get(message.id);
      waiting.delete(message.id);
      if ('error' in message) waiter?.reject(new Error(`QEMU refused: ${message.error.desc}`));
      else waiter?.resolve(message.return);
    }
  };
  const end = (): void => {
    ended = true;
    for (const waiter of waiting.values()) waiter.reject(new Error('QEMU ended before it answered'));
    waiting.clear();
  };

  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.trim() !== '') receive(JSON.parse(line));
  });
  stream.on('close', end);
  stream.on('error', end);

  const execute = (command: string, commandArguments: Readonly<Record<string, unknown>> = {}): Promise<unknown> => {
    if (ended) return Promise.reject(new Error('QEMU has ended'));
    const id = nextId++;
    const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
    stream.write(`${JSON.stringify({ execute: command, arguments: commandArguments, id })}\n`);
    return answer;
  };
  execute('qmp_capabilities').catch(() => {}); // a QEMU that never starts is reported by its exit

  return {
    execute,
    human: async (commandLine) =>
      String(await execute('human-monitor-command', { 'command-line': commandLine })).replaceAll('\r\n', '\n'),
    onEvent: (listener) => {
      listeners.push(listener);
    },
  };
}
