// Starts the solver's child process; early where a command will surely need it, so that Node and libsolv are at hand when the job is known.

import { type ChildProcess, spawn } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseEnvironment } from '../../../lib/base-environment.ts';
import { childDescriptor } from './job.ts';

export interface SolverProcess {
  readonly child: ChildProcess;
  /** JSON lines in both directions. */
  readonly line: Socket;
  readonly stderr: Socket;
}

const childModule = new URL('./child.ts', import.meta.url);

let early: SolverProcess | undefined;

/**
 * A child without a job keeps nobody waiting, and ends when this process does.
 * @param solvCacheDir folder of parsed metadata, where it is known already: what the last job needed is read from there
 */
export function startSolverEarly(solvCacheDir: string | undefined): void {
  early = startSolver(childModule, getCompileCacheDir(), solvCacheDir);
  early.child.on('error', () => {}); // the next start tells it
  process.once('exit', dismissSolver); // else it would still write its compiled modules
  setWaitedFor(early, false);
}

/** The child that was started early, or a new one. */
export function takeSolver(module: URL | undefined, solvCacheDir: string): SolverProcess {
  const waiting = early;
  early = undefined;
  if (waiting !== undefined && module === undefined && isRunning(waiting)) {
    setWaitedFor(waiting, true);
    return waiting;
  }
  return startSolver(module ?? childModule, getCompileCacheDir() ?? join(solvCacheDir, 'node', 'own'));
}

/** Ends the child that was started early, if it has no job. */
export function dismissSolver(): void {
  early?.child.kill('SIGKILL');
  early = undefined;
}

/** Whether this process stays until the child has ended. */
export function setWaitedFor({ child, line, stderr }: SolverProcess, waited: boolean): void {
  for (const each of [child, line, stderr]) waited ? each.ref() : each.unref();
}

/** @param compileCache folder of compiled modules as getCompileCacheDir() gives it; it takes two thirds off the child's start */
function startSolver(module: URL, compileCache: string | undefined, solvCacheDir?: string): SolverProcess {
  const cache = compileCache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compileCache) };
  const argv = [fileURLToPath(module), ...(solvCacheDir === undefined ? [] : [solvCacheDir])];
  const child = spawn(process.execPath, argv, {
    // libsolv's tables take tens of megabytes: huge pages (glibc 2.35 and newer) save a tenth of the child's time, spent on page faults.
    env: { ...baseEnvironment(), GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1:glibc.malloc.top_pad=33554432', ...cache },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const line = child.stdio[childDescriptor] as Socket;
  line.on('error', () => {}); // a child that is gone is reported by its exit
  return { child, line, stderr: child.stderr as Socket };
}

function isRunning({ child }: SolverProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
