// Runs commands in the guest by the agent that stands on a virtio-serial port (qemu/guest/agent.sh): no network, no login.

import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { quoteCommand } from '../lib/run.ts';
import { answerReader } from './agent-answer.ts';
import { defaultRunTimeoutMs, type GuestResult, type GuestRunOptions, guestFailure } from './guest-command.ts';

export const agentPort = 'org.slipway.agent';

export interface GuestAgent {
  /**
   * Runs argv as root, one command after another; waits for the guest to reach the agent if need be. The program's standard output is the
   * port: what goes on in the background must write elsewhere.
   * @throws ToolError when it fails, does not end in time or the guest is reset.
   */
  run(argv: readonly string[], options?: GuestRunOptions): Promise<GuestResult>;
  /** Says that the guest was reset: what runs is lost. */
  reset(): void;
}

/** The guest ends a command that is late, and says so; this much later it is given up. */
const graceMs = 15_000;
/** Statuses of timeout(1) for a command that it ended, and one that it had to kill. */
const timeoutStatuses = [124, 137];

export function connectAgent(stream: Duplex): GuestAgent {
  let receive: (chunk: Buffer) => void = () => {};
  let lose: () => void = () => {};
  stream.on('data', (chunk: Buffer) => receive(chunk));
  stream.on('close', () => lose());

  const runNow = (argv: readonly string[], options: GuestRunOptions): Promise<GuestResult> =>
    new Promise((resolve, reject) => {
      const command = quoteCommand(argv);
      const timeoutMs = options.timeoutMs ?? defaultRunTimeoutMs;
      const startedAtMs = performance.now();
      const id = randomBytes(16).toString('hex');
      const reader = answerReader(id);
      const late = `did not end within ${timeoutMs / 1000} s`;
      const settle = (): void => {
        clearTimeout(timer);
        receive = () => {};
        lose = () => {};
      };
      const fail = (how: string, result: Partial<GuestResult>): void => {
        settle();
        reject(guestFailure(argv, command, how, result));
      };
      const failUnanswered = (how: string): void => fail(how, { stdout: reader.output().toString('utf8') });
      const timer = setTimeout(() => failUnanswered(late), timeoutMs + graceMs);
      lose = () => failUnanswered('lost its connection');
      receive = (chunk) => {
        const answer = reader.read(chunk);
        if (answer === undefined) return;
        const { stdout, stderr } = { stdout: answer.stdout.toString('utf8'), stderr: answer.stderr.toString('utf8') };
        const exitCode = answer.status;
        if ((options.okExitCodes ?? [0]).includes(exitCode)) {
          settle();
          resolve({ stdout, stderr, exitCode });
        } else if (timeoutStatuses.includes(exitCode) && performance.now() - startedAtMs >= timeoutMs) {
          fail(late, { stdout, stderr });
        } else fail(`failed with exit status ${exitCode}`, { stdout, stderr, exitCode });
      };
      if (stream.destroyed) return lose();
      stream.write(agentRequest(id, command, Math.ceil(timeoutMs / 1000), Buffer.from(options.input ?? '')));
    });

  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (argv, options = {}) => {
      const result = last.then(() => runNow(argv, options));
      last = result.catch(() => {});
      return result;
    },
    reset: () => lose(),
  };
}

/** The first line break ends what a reset may have left of an earlier request. */
function agentRequest(id: string, command: string, seconds: number, input: Buffer): Buffer {
  const script = Buffer.from(`exec ${command}`);
  const head = `\nslipway ${id} ${seconds} ${script.length} ${input.length}\n`;
  return Buffer.concat([Buffer.from(head), script, input]);
}
