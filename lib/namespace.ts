// The whole compose and the making of images run inside one user namespace, also when root starts them: scriptlets never hold real
// root, and an ordinary user gets the same bytes. The work is a module with a `main` function, run in one long-lived child; what
// it says comes back as JSON lines.

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { baseEnvironment } from './base-environment.ts';
import { missingTool } from './command-line.ts';
import { Cancelled, UserError } from './errors.ts';
import type { Events, SlipwayEvent } from './events.ts';
import { readJsonLines } from './json-lines.ts';
import { deserializeError, type SerializedError } from './serialized-error.ts';

/** What the work gets besides its input. */
export interface WorkerTools {
  readonly events: Events;
  readonly signal: AbortSignal;
}

/** The exported function of a module that `runInNamespace` can run. Input and result must survive JSON. */
export type WorkerMain<Input, Result> = (input: Input, tools: WorkerTools) => Promise<Result>;

/** What the child writes, one JSON line each. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'event'; readonly event: SlipwayEvent }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'error'; readonly error: SerializedError };

const entry = fileURLToPath(new URL('./namespace-entry.ts', import.meta.url));

/**
 * Runs `main` of a module as (apparent) root in new user, mount and PID namespaces.
 * As root the ids map to themselves, so that results are owned as written; as an ordinary user they map into the user's
 * subordinate range (subuid(5)). An abort ends the child in order, and by force after `graceMs`.
 * @param input may still be in the making: the child starts and loads the module meanwhile
 * @throws what `main` throws or `input` rejects with, and UserError `namespace-unavailable` where the machine forbids user namespaces.
 */
export async function runInNamespace<Input, Result>(
  module: URL,
  input: Input | Promise<Input>,
  tools: WorkerTools,
  options: { graceMs?: number } = {},
): Promise<Result> {
  const made = Promise.resolve(input);
  const settled = made.catch(() => {}); // a failure is told where the input is used
  if (tools.signal.aborted) {
    await settled;
    tools.signal.throwIfAborted();
  }
  const asRoot = process.getuid?.() === 0;
  const mapping = asRoot ? ['--keep-caps'] : ['--map-auto', '--map-root-user'];
  const argv = [
    '--user',
    ...mapping,
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    process.execPath,
    entry,
  ];
  const child = spawn('unshare', argv, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // With an arena for each thread the C library keeps what ended threads have freed, tens of megabytes.
    env: { ...baseEnvironment(), MALLOC_ARENA_MAX: '1' },
    detached: true, // Ctrl-C reaches only us; we end the child in order
  });
  const complaint: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
  child.stdin.on('error', () => {}); // the exit status tells the story
  const forward = tools.events.forward();
  const send = (message: unknown): void => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
  };
  let forced: NodeJS.Timeout | undefined;
  const stop = (): void => {
    send({ type: 'abort' });
    forced = setTimeout(() => child.kill('SIGKILL'), options.graceMs ?? 10_000);
  };

  try {
    return await new Promise<Result>((resolve, reject) => {
      let outcome: (() => void) | undefined;
      const end = (error: unknown): void => {
        outcome ??= () => reject(error); // what comes later comes of this: a killed child has no maps to write
        child.kill('SIGKILL');
      };
      const receive = (message: WorkerMessage): void => {
        if (message.type === 'ready') {
          try {
            if (asRoot) writeIdentityMaps(child.pid!);
            send({ type: 'load', module: module.href });
            made.then((value) => send({ type: 'start', input: value })).catch(end);
          } catch (cause) {
            end(unavailable((cause as Error).message));
          }
        } else if (message.type === 'event') forward(message.event);
        else if (message.type === 'result') outcome = () => resolve(message.result as Result);
        else outcome = () => reject(deserializeError(message.error));
      };
      made.catch(end);
      readJsonLines(child.stdout, receive as (message: unknown) => void);
      tools.signal.addEventListener('abort', stop, { once: true });
      child.on('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'ENOENT' ? missingTool('unshare') : unavailable(error.message));
      });
      child.on('close', (code, signal) => {
        const said = Buffer.concat(complaint).toString().trim();
        if (outcome !== undefined) outcome();
        else if (tools.signal.aborted) reject(new Cancelled());
        else if (/unshare: /.test(said)) reject(unavailable(said));
        else
          reject(
            new Error(`the worker for ${module.href} ended without a result (${signal ?? `status ${code}`})\n${said}`),
          );
      });
    });
  } finally {
    clearTimeout(forced);
    tools.signal.removeEventListener('abort', stop);
    await settled; // whoever waits for us may remove what it works on
  }
}

// As root no helper is needed: the ids that this process has are mapped to themselves (user_namespaces(7)).
function writeIdentityMaps(pid: number): void {
  for (const kind of ['uid_map', 'gid_map']) {
    const own = readFileSync(`/proc/self/${kind}`, 'utf8').trim().split('\n');
    const map = own.map((line) => {
      const [inside = '0', , count = '1'] = line.trim().split(/\s+/);
      return `${inside} ${inside} ${Math.min(Number(count), 65_536)}`;
    });
    writeFileSync(`/proc/${pid}/${kind}`, map.join('\n'));
  }
}

function unavailable(reason: string): UserError {
  return new UserError('namespace-unavailable', `this machine does not let Slipway make a user namespace: ${reason}`, {
    hint: 'an ordinary user needs a range in /etc/subuid and /etc/subgid and the program newuidmap (package uidmap); in a container, allow user namespaces and an unmasked /proc',
  });
}
