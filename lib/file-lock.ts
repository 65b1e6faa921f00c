// A lock between processes: flock(2) on a file, held by a child that ends when we do, so that a killed holder never leaves it locked.

import { spawn } from 'node:child_process';
import { baseEnvironment } from './base-environment.ts';
import { missingTool, quoteCommand } from './command-line.ts';
import { Cancelled, ToolError } from './errors.ts';

/** `shared` holders bear each other, but no `exclusive` one. */
export type LockMode = 'exclusive' | 'shared';

/**
 * Runs `work` while no other process holds the lock; waits for it as long as need be.
 * @param path file to lock; made when missing, its content does not matter. Its folder must exist.
 * @throws ToolError when the file cannot be locked, UserError `tool-missing`, Cancelled when the signal fires before the lock is held
 */
export async function withFileLock<T>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<T>,
  mode: LockMode = 'exclusive',
): Promise<T> {
  if (signal.aborted) throw new Cancelled();
  const argv = lockArgv(path, mode);
  const holder = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], env: baseEnvironment() });
  holder.stdin.on('error', () => {}); // its end tells the story
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  const stop = (): void => void holder.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const complaint: Buffer[] = [];
      holder.stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
      holder.stdout.once('data', () => resolve());
      holder.once('error', () => reject(missingTool('flock')));
      holder.once('close', (exitCode, killedBy) => {
        if (signal.aborted) return reject(new Cancelled());
        const output = Buffer.concat(complaint).toString().trim();
        reject(
          new ToolError({
            ...{ message: `${path} cannot be locked`, command: quoteCommand(argv) },
            ...{ exitCode, signal: killedBy, output },
          }),
        );
      });
      holder.stdin.write('\n'); // comes back once the lock is held
    });
    signal.removeEventListener('abort', stop); // from here on the lock is held until the work has ended
    return await work();
  } finally {
    signal.removeEventListener('abort', stop);
    holder.stdin.end();
    if (holder.pid !== undefined) await ended;
  }
}

/** The command that holds the lock until its stdin ends, and says so by echoing it; see flock(1). */
export function lockArgv(path: string, mode: LockMode): string[] {
  return ['flock', `--${mode}`, '--no-fork', path, 'cat'];
}
