import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { SolverJob } from '../../../../compose/resolve/solv/job.ts';
import { runSolver, type SolverTools } from '../../../../compose/resolve/solv/run-solver.ts';
import { Cancelled, UserError } from '../../../../lib/errors.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

async function job(t: ExecutionContext): Promise<SolverJob> {
  return {
    arch: 'x86_64',
    repos: [
      {
        id: 'rawhide',
        primary: { type: 'sha256', value: 'a'.repeat(64) },
        filelists: null,
        priority: 99,
        cost: 1000,
        excludePackages: [],
        includePackages: [],
        onlyLocked: false,
        hiddenModular: [],
        activeModular: { names: [], nevras: [] },
      },
    ],
    packages: ['x'],
    excludePackages: [],
    repoPackages: [],
    recommends: true,
    lock: null,
    solvCacheDir: join(await temporaryFolder(t), 'solv'),
    reasons: false,
  };
}

function tools(child: string, changes: Partial<SolverTools> = {}): SolverTools {
  return {
    signal: new AbortController().signal,
    unpack: () => Promise.reject(new UserError('download-failed', 'no such mirror')),
    child: new URL(child, import.meta.url),
    ...changes,
  };
}

test('runSolver() turns a crash of the child into a sentence with the repository, and drops what was parsed', async (t) => {
  const crashing = await job(t);
  const parsed = join(crashing.solvCacheDir, '0.7.23', 'x.solv');
  await mkdir(join(parsed, '..'), { recursive: true });
  await writeFile(parsed, '');
  const error = await t.throwsAsync(runSolver(crashing, tools('./crashing-child.ts')), { instanceOf: UserError });
  t.is(error.code, 'solver-crashed');
  t.is(error.message, 'the dependency solver was ended by SIGSEGV while reading the repository rawhide');
  await t.throwsAsync(access(parsed), { code: 'ENOENT' });
});

test('runSolver() ends the child when it is cancelled', async (t) => {
  const controller = new AbortController();
  const running = runSolver(await job(t), tools('./waiting-child.ts', { signal: controller.signal }));
  setTimeout(() => controller.abort(), 300);
  await t.throwsAsync(running, { instanceOf: Cancelled });
});

test('runSolver() throws what kept metadata from being unpacked', async (t) => {
  await t.throwsAsync(runSolver(await job(t), tools('./failing-child.ts')), { code: 'download-failed' });
});
