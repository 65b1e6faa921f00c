// Our side of the solver's child process: gives it its job, answers its needs, turns its end into an outcome or a sentence.

import { rm } from 'node:fs/promises';
import { Cancelled, UserError } from '../../../lib/errors.ts';
import { readJsonLines } from '../../../lib/json-lines.ts';
import { deserializeError } from '../../../lib/serialized-error.ts';
import type { ChildMessage, ParentMessage, RecordType, SolverJob, SolverOutcome } from './job.ts';
import { setWaitedFor, takeSolver } from './solver-process.ts';

export interface SolverTools {
  readonly signal: AbortSignal;
  /** Unpacks a verified metadata record and gives its path; the child removes the file. */
  readonly unpack: (repo: string, record: RecordType) => Promise<string>;
  /** The module that the child runs. */
  readonly child?: URL;
}

/**
 * Runs one solver job in a process of its own.
 * @throws UserError `solver-crashed` naming the repository that was being read when a signal ended the child; Cancelled.
 */
export async function runSolver(job: SolverJob, tools: SolverTools): Promise<SolverOutcome> {
  if (tools.signal.aborted) throw new Cancelled();
  const process = takeSolver(tools.child, job.solvCacheDir);
  const { child, line, stderr } = process;
  const complaint: Buffer[] = [];
  stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
  const stop = (): void => {
    child.kill('SIGKILL');
  };
  const send = (message: ParentMessage): void => {
    line.write(`${JSON.stringify(message)}\n`);
  };
  let stage: { stage: string; repo?: string } = { stage: 'starting' };

  try {
    return await new Promise<SolverOutcome>((resolve, reject) => {
      const answer = async (repo: string, record: RecordType): Promise<void> => {
        try {
          send({ type: 'record', path: await tools.unpack(repo, record) });
        } catch (error) {
          reject(error);
          stop();
        }
      };
      readJsonLines(line, (received) => {
        const message = received as ChildMessage;
        if (message.type === 'stage') stage = message;
        else if (message.type === 'need') void answer(message.repo, message.record);
        else if (message.type === 'outcome') resolve(message.outcome);
        else reject(deserializeError(message.error));
      });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        if (tools.signal.aborted) reject(new Cancelled());
        else if (signal !== null || code === 134 || code === 139)
          reject(crashed(job, stage, signal ?? `status ${code}`));
        else
          reject(
            new Error(`the solver's process ended without a result (status ${code})\n${Buffer.concat(complaint)}`),
          );
      });
      tools.signal.addEventListener('abort', stop, { once: true });
      send({ type: 'job', job });
    });
  } catch (error) {
    // What was parsed may be what brought it down; it is made again from verified XML.
    if (error instanceof UserError && error.code === 'solver-crashed') {
      await rm(job.solvCacheDir, { recursive: true, force: true });
    }
    throw error;
  } finally {
    tools.signal.removeEventListener('abort', stop);
    setWaitedFor(process, false); // with its answer given the child ends by itself
  }
}

function crashed(job: SolverJob, { stage, repo }: { stage: string; repo?: string }, how: string): UserError {
  const all = job.repos.map((known) => known.id).join(', ');
  const where = repo === undefined ? `${stage} packages of ${all}` : `${stage} the repository ${repo}`;
  return new UserError('solver-crashed', `the dependency solver was ended by ${how} while ${where}`, {
    hint: 'its cache was dropped, so run it again; if it happens again, the metadata of that repository brings libsolv down',
  });
}
