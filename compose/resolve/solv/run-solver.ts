// Our side of the solver's child process: starts it, answers its needs, turns its end into an outcome or a sentence.

import { fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { baseEnvironment } from '../../../lib/command-line.ts';
import { Cancelled, UserError } from '../../../lib/errors.ts';
import { deserializeError } from '../../../lib/namespace.ts';
import type { ChildMessage, ParentMessage, RecordType, SolverJob, SolverOutcome } from './job.ts';

export interface SolverTools {
  readonly signal: AbortSignal;
  /** Unpacks a verified metadata record and gives its path; the child removes the file. */
  readonly unpack: (repo: string, record: RecordType) => Promise<string>;
  /** The module that the child runs. */
  readonly child?: URL;
}

const childModule = new URL('./child.ts', import.meta.url);

/**
 * Runs one solver job in a process of its own.
 * @throws UserError `solver-crashed` naming the repository that was being read when a signal ended the child; Cancelled.
 */
export async function runSolver(job: SolverJob, tools: SolverTools): Promise<SolverOutcome> {
  if (tools.signal.aborted) throw new Cancelled();
  const child = fork(tools.child ?? childModule, [], {
    execArgv: [],
    // Node keeps the child's modules ready to run there, which takes two thirds off its start.
    env: { ...baseEnvironment(), NODE_COMPILE_CACHE: join(job.solvCacheDir, 'node') },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const complaint: Buffer[] = [];
  child.stderr!.on('data', (chunk: Buffer) => complaint.push(chunk));
  const stop = (): void => {
    child.kill('SIGKILL');
  };
  const send = (message: ParentMessage): void => {
    if (child.connected) child.send(message, () => {}); // a child that is gone is reported by its exit
  };
  let stage: { stage: string; repo?: string } = { stage: 'starting' };

  try {
    return await new Promise<SolverOutcome>((resolve, reject) => {
      let settle: (() => void) | undefined;
      const answer = async (repo: string, record: RecordType): Promise<void> => {
        try {
          send({ type: 'record', path: await tools.unpack(repo, record) });
        } catch (error) {
          settle = () => reject(error);
          stop();
        }
      };
      child.on('message', (message: ChildMessage) => {
        if (message.type === 'ready') send({ type: 'job', job });
        else if (message.type === 'stage') stage = message;
        else if (message.type === 'need') void answer(message.repo, message.record);
        else if (message.type === 'outcome') settle = () => resolve(message.outcome);
        else settle = () => reject(deserializeError(message.error));
      });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        if (settle !== undefined) settle();
        else if (tools.signal.aborted) reject(new Cancelled());
        else if (signal !== null || code === 134 || code === 139)
          reject(crashed(job, stage, signal ?? `status ${code}`));
        else
          reject(
            new Error(`the solver's process ended without a result (status ${code})\n${Buffer.concat(complaint)}`),
          );
      });
      tools.signal.addEventListener('abort', stop, { once: true });
    });
  } catch (error) {
    // What was parsed may be what brought it down; it is made again from verified XML.
    if (error instanceof UserError && error.code === 'solver-crashed') {
      await rm(job.solvCacheDir, { recursive: true, force: true });
    }
    throw error;
  } finally {
    tools.signal.removeEventListener('abort', stop);
  }
}

function crashed(job: SolverJob, { stage, repo }: { stage: string; repo?: string }, how: string): UserError {
  const all = job.repos.map((known) => known.id).join(', ');
  const where = repo === undefined ? `${stage} packages of ${all}` : `${stage} the repository ${repo}`;
  return new UserError('solver-crashed', `the dependency solver was ended by ${how} while ${where}`, {
    hint: 'its cache was dropped, so run it again; if it happens again, the metadata of that repository brings libsolv down',
  });
}
