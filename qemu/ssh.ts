// ssh into a guest: commands as argv arrays, files, and a connection that waits for a booting guest.

import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2, { type Client, type ClientChannel } from 'ssh2'; // MIT: the ssh protocol, without starting an ssh program for each command
import { type ToolError, UserError } from '../lib/errors.ts';
import { quoteCommand } from '../lib/run.ts';
import { defaultRunTimeoutMs, type GuestResult, type GuestRunOptions, guestFailure } from './guest-command.ts';

export interface SshKey {
  /** OpenSSH private key file. */
  readonly privateKey: string;
  /** One line for authorized_keys. */
  readonly publicKey: string;
}

/** A new ed25519 key pair for one run. */
export function generateSshKey(): SshKey {
  const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'slipway' });
  return { privateKey, publicKey };
}

export interface SshAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
}

export interface Ssh {
  /** Runs argv in the guest, quoted for its POSIX shell. @throws ToolError when it fails, does not end in time or the connection breaks. */
  run(argv: readonly string[], options?: GuestRunOptions): Promise<GuestResult>;
  upload(content: string | Uint8Array, guestPath: string): Promise<void>;
  download(guestPath: string): Promise<Buffer>;
  /** A login shell on a pseudo terminal, for people. */
  shell(window: { rows: number; columns: number; term: string }): Promise<ClientChannel>;
  close(): void;
  /** Resolves when the connection has ended, from whichever side. */
  readonly closed: Promise<void>;
}

const retryPauseMs = 300;

/**
 * Connects, waiting until the guest's sshd answers. One attempt is one connection that waits for the banner: knocking more often
 * would count as hostile with OpenSSH 9.8 and newer (PerSourcePenalties).
 * @throws UserError `ssh-refused` when the guest does not take the key, `ssh-silent` when nothing answered in time, or the signal's reason.
 */
export async function connectSsh(address: SshAddress, timeoutMs: number, signal: AbortSignal): Promise<Ssh> {
  const deadline = performance.now() + timeoutMs;
  let last = 'no answer';
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    try {
      return sshOver(await connectOnce(address, Math.max(1000, deadline - performance.now()), signal));
    } catch (error) {
      signal.throwIfAborted();
      const failure = error as Error & { level?: string };
      if (failure.level === 'client-authentication') {
        throw new UserError('ssh-refused', `the guest refuses the ssh key for ${address.user}`, {
          hint: 'the key comes as a systemd credential through SMBIOS: the guest needs systemd 252 or newer and an sshd that reads ~/.ssh/authorized_keys',
        });
      }
      last = failure.message;
    }
    // It would reject with a reason of its own.
    await sleep(retryPauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  throw new UserError('ssh-silent', `no ssh from the guest within ${Math.round(timeoutMs / 1000)} s: ${last}`, {
    hint: 'look at the console: sshd may not be enabled in the image',
  });
}

function connectOnce(address: SshAddress, timeoutMs: number, signal: AbortSignal): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    const abort = (): void => {
      client.destroy();
      reject(signal.reason);
    };
    const settle = (): void => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort, { once: true });
    client.on('ready', () => {
      settle();
      resolve(client);
    });
    client.on('error', (error) => {
      settle();
      reject(error);
    });
    client.on('close', () => {
      settle();
      reject(new Error('the connection was closed'));
    });
    client.connect({
      host: address.host,
      port: address.port,
      username: address.user,
      privateKey: address.privateKey,
      readyTimeout: timeoutMs,
      keepaliveInterval: 15_000,
      keepaliveCountMax: 4,
    });
  });
}

function sshOver(client: Client): Ssh {
  client.on('error', () => {}); // a lost connection shows in the command that runs
  return {
    run: (argv, options) => runCommand(client, argv, options ?? {}),
    upload: async (content, guestPath) => {
      await runCommand(client, ['tee', '--', guestPath], { input: content });
    },
    download: async (guestPath) => {
      const { stdout } = await runCommand(client, ['base64', '--wrap=0', '--', guestPath], {});
      return Buffer.from(stdout, 'base64');
    },
    shell: (window) =>
      new Promise((resolve, reject) => {
        client.shell({ rows: window.rows, cols: window.columns, term: window.term }, (error, channel) =>
          error === undefined ? resolve(channel) : reject(error),
        );
      }),
    close: () => client.end(),
    closed: new Promise((resolve) => {
      client.once('close', resolve);
    }),
  };
}

async function runCommand(client: Client, argv: readonly string[], options: GuestRunOptions): Promise<GuestResult> {
  const command = quoteCommand(argv);
  const timeoutMs = options.timeoutMs ?? defaultRunTimeoutMs;
  const fail = (how: string, result: Partial<GuestResult>, signal: string | null = null): ToolError =>
    guestFailure(argv, command, how, result, signal);
  return await new Promise((resolve, reject) => {
    let channel: ClientChannel | undefined;
    let said = (): Partial<GuestResult> => ({});
    const settle = (): void => {
      clearTimeout(timer);
      client.off('close', lost);
    };
    const lost = (): void => {
      settle();
      reject(fail('lost its connection', said()));
    };
    // From the start: a guest whose network is gone does not even open the channel.
    const timer = setTimeout(() => {
      settle();
      channel?.close();
      reject(fail(`did not end within ${timeoutMs / 1000} s`, said()));
    }, timeoutMs);
    client.once('close', lost);
    client.exec(command, (error, opened) => {
      if (error !== undefined) {
        settle();
        return reject(fail(`could not be started: ${error.message}`, {}));
      }
      channel = opened;
      const stdout = collect(channel);
      const stderr = collect(channel.stderr);
      said = () => ({ stdout: stdout(), stderr: stderr() });
      let exitCode: number | null = null;
      let signal: string | null = null;
      channel.on('exit', (code: number | null, name?: string) => {
        exitCode = code;
        signal = name ?? null;
      });
      channel.on('close', () => {
        settle();
        const result = { stdout: stdout(), stderr: stderr(), exitCode };
        if (exitCode !== null && (options.okExitCodes ?? [0]).includes(exitCode)) {
          return resolve({ ...result, exitCode });
        }
        const how =
          exitCode === null ? `was ended (${signal ?? 'connection lost'})` : `failed with exit status ${exitCode}`;
        reject(fail(how, result, signal));
      });
      channel.end(options.input ?? '');
    });
  });
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
