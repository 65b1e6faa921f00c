// Work for the tests of runInNamespace(): each kind of end that a worker can have.

import { writeFileSync } from 'node:fs';
import { DiagnosticsError } from '../../lib/diagnostics.ts';
import { ToolError, UserError } from '../../lib/errors.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { makeHostReadOnly } from '../../lib/read-only-host.ts';
import { run } from '../../lib/run.ts';

export type Work =
  | 'identity'
  | 'umask'
  | { readonly writable: string; readonly paths: readonly string[] }
  | 'steps'
  | 'wait'
  | 'user-error'
  | 'tool-error'
  | 'diagnostics'
  | 'bug'
  | 'exit';

export async function main(work: Work, { events, signal }: WorkerTools): Promise<unknown> {
  if (typeof work === 'object') return writtenWhenReadOnly(work.writable, work.paths);
  switch (work) {
    case 'identity':
      return { uid: process.getuid?.(), pid: process.ppid, file: (await run(['id', '-u'])).stdout };
    case 'umask':
      return process.umask().toString(8);
    case 'steps':
      return events.step('Inside', async (step) => step.detail('seen'));
    case 'wait':
      return run(['sleep', '60'], { signal });
    case 'user-error':
      throw new UserError('some-code', 'a sentence', { hint: 'a hint' });
    case 'tool-error':
      throw new ToolError({
        message: 'x failed',
        command: 'x -y',
        exitCode: 3,
        signal: null,
        output: 'said',
        logFile: '/l',
      });
    case 'diagnostics':
      throw new DiagnosticsError([{ severity: 'error', code: 'c', message: 'm' }]);
    case 'bug':
      throw new TypeError('a bug');
    case 'exit':
      process.exit(7);
  }
}

/** Makes the machine read-only but for one folder and gives the paths that could be written, by ourselves and by a program. */
async function writtenWhenReadOnly(writable: string, paths: readonly string[]): Promise<string[]> {
  makeHostReadOnly([writable]);
  const written: string[] = [];
  for (const path of paths) {
    try {
      writeFileSync(path, '');
      await run(['tee', path], { input: '' });
      written.push(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EROFS') throw error;
    }
  }
  return written;
}
