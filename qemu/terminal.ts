// Joins a guest's serial console or shell to the user's terminal, with the escape keys of QEMU and minicom: Ctrl-A X leaves.

import type { Duplex } from 'node:stream';

export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

const controlA = 0x01;

export interface EscapedInput {
  /** What goes to the guest. */
  readonly bytes: Uint8Array;
  readonly quit: boolean;
  /** Whether the last key was Ctrl-A, so that the next chunk begins with its second key. */
  readonly pending: boolean;
}

/** Ctrl-A X quits, Ctrl-A Ctrl-A or Ctrl-A A sends one Ctrl-A; any other key after Ctrl-A is dropped with it. */
export function readEscapes(chunk: Uint8Array, pending: boolean): EscapedInput {
  const bytes: number[] = [];
  let armed = pending;
  for (const byte of chunk) {
    if (!armed) {
      if (byte === controlA) armed = true;
      else bytes.push(byte);
      continue;
    }
    armed = false;
    const key = String.fromCharCode(byte).toLowerCase();
    if (key === 'x') return { bytes: Uint8Array.from(bytes), quit: true, pending: false };
    if (byte === controlA || key === 'a') bytes.push(controlA);
  }
  return { bytes: Uint8Array.from(bytes), quit: false, pending: armed };
}

/**
 * Copies both ways until the guest's side ends, Ctrl-A X is typed or the signal fires; then the terminal is as before.
 * On a terminal every other key, Ctrl-C too, goes to the guest.
 */
export async function joinTerminal(guest: Duplex, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { input, output } = terminal;
  const raw = input.isTTY === true;
  let pending = false;
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const fromGuest = (data: string | Buffer): void => {
    output.write(data);
  };
  const fromUser = (chunk: Buffer): void => {
    const read = raw ? readEscapes(chunk, pending) : { bytes: chunk, quit: false, pending: false };
    pending = read.pending;
    guest.write(read.bytes);
    if (read.quit) leave();
  };
  guest.on('data', fromGuest);
  guest.once('close', leave);
  signal.addEventListener('abort', leave, { once: true });
  if (raw) input.setRawMode(true);
  input.on('data', fromUser);
  try {
    await left;
  } finally {
    input.off('data', fromUser);
    input.pause();
    if (raw) input.setRawMode(false);
    guest.off('data', fromGuest);
    signal.removeEventListener('abort', leave);
  }
  signal.throwIfAborted();
}
