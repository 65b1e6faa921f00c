// Writes into a disk image of any format through qemu-nbd: the smallest client of the NBD protocol that does it.
// Protocol: https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { baseEnvironment } from '../../lib/base-environment.ts';
import { ToolError } from '../../lib/errors.ts';
import { missingTool, quoteCommand } from '../../lib/run.ts';

export interface ImageWriter {
  /** Writes bytes at an offset of the virtual disk. @throws Error when qemu-nbd refuses. */
  write(offset: number, data: Uint8Array): Promise<void>;
  /** Ends the connection when all is written, and waits for qemu-nbd's end. */
  close(): Promise<void>;
}

const startLimitMs = 10_000;
const clientMagic = 0x25609513;
const replyMagic = 0x67446698;
const commands = { write: 1, disconnect: 2 } as const;
const exportNameOption = 1;
/** NBD_FLAG_C_FIXED_NEWSTYLE and NBD_FLAG_C_NO_ZEROES. */
const clientFlags = 3;

/** Arguments of qemu-nbd(8): one client, then it ends. Unflushed is fine: only this host reads the image afterwards. */
export function nbdArgv(image: string, socket: string): string[] {
  return ['qemu-nbd', '--format=qcow2', '--cache=unsafe', `--socket=${socket}`, image];
}

/** Opens a qcow2 image for writing. @param socket path for the socket, gone when the writer is closed */
export async function openImage(image: string, socket: string, signal: AbortSignal): Promise<ImageWriter> {
  const argv = ['setpriv', '--pdeathsig', 'KILL', ...nbdArgv(image, socket)];
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'ignore', 'pipe'], env: baseEnvironment(), signal });
  child.on('error', () => {}); // its end is told below
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const exited = once(child, 'close');
  exited.catch(() => {});
  const failure = (): Error =>
    /setpriv: failed to execute/.test(complaint)
      ? missingTool('qemu-nbd')
      : new ToolError({
          message: 'qemu-nbd failed',
          command: quoteCommand(argv),
          exitCode: child.exitCode,
          signal: child.signalCode,
          output: complaint.trim(),
        });
  const stream = await connectWhenReady(socket, () => child.exitCode !== null || child.signalCode !== null, signal);
  if (stream === undefined) {
    child.kill('SIGKILL');
    await exited.catch(() => {});
    signal.throwIfAborted();
    throw failure();
  }
  const bytes = byteReader(stream, failure);
  await handshake(stream, bytes);
  return {
    write: async (offset, data) => {
      stream.write(request(commands.write, offset, data.length));
      stream.write(data);
      const reply = await bytes(16);
      if (reply.readUInt32BE(0) !== replyMagic) throw new Error('qemu-nbd answered something else');
      const error = reply.readUInt32BE(4);
      if (error !== 0) throw new Error(`qemu-nbd could not write ${data.length} bytes at ${offset}: error ${error}`);
    },
    close: async () => {
      stream.end(request(commands.disconnect, 0, 0));
      await exited;
    },
  };
}

// "NBDMAGIC", "IHAVEOPT" and flags come first; for NBD_OPT_EXPORT_NAME of the nameless export the answer is its size and flags.
async function handshake(stream: Socket, bytes: (count: number) => Promise<Buffer>): Promise<void> {
  const greeting = await bytes(18);
  if (greeting.toString('latin1', 0, 16) !== 'NBDMAGICIHAVEOPT') throw new Error('qemu-nbd does not speak NBD');
  const option = Buffer.alloc(4 + 8 + 4 + 4);
  option.writeUInt32BE(clientFlags, 0);
  option.write('IHAVEOPT', 4, 'latin1');
  option.writeUInt32BE(exportNameOption, 12);
  stream.write(option);
  await bytes(8 + 2);
}

function request(command: number, offset: number, length: number): Buffer {
  const header = Buffer.alloc(28);
  header.writeUInt32BE(clientMagic, 0);
  header.writeUInt16BE(command, 6);
  header.writeBigUInt64BE(BigInt(offset), 16);
  header.writeUInt32BE(length, 24);
  return header;
}

async function connectWhenReady(path: string, ended: () => boolean, signal: AbortSignal): Promise<Socket | undefined> {
  for (const deadline = performance.now() + startLimitMs; performance.now() < deadline; await sleep(20)) {
    if (ended() || signal.aborted) return undefined;
    const stream = connect(path);
    try {
      await once(stream, 'connect');
      return stream;
    } catch {
      // It does not listen yet.
    }
  }
  return undefined;
}

/** Reads exactly as many bytes as asked for, one reader at a time. */
function byteReader(stream: Socket, failure: () => Error): (count: number) => Promise<Buffer> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  return async (count) => {
    while (rest.length < count) {
      const { value, done } = await chunks.next();
      if (done === true) throw failure();
      rest = Buffer.concat([rest, value]);
    }
    const bytes = rest.subarray(0, count);
    rest = rest.subarray(count);
    return bytes;
  };
}
