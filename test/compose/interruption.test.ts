import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { cacheLock } from '../../compose/packages/cache.ts';
import { ToolError } from '../../lib/errors.ts';
import { withFileLock } from '../../lib/file-lock.ts';
import { processStartTime } from '../../lib/process-start-time.ts';
import { run } from '../../lib/run.ts';
import { seededRandom } from '../../qemu/faults/random.ts';
import { lockHolders, parentOf } from '../support/processes.ts';
import { cacheRepo, type MiniDistribution, type MiniPackage, miniDistribution } from './mini-distribution.ts';

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
/** SLIPWAY_TEST_KILLS raises the number of random moments, e.g. to 50. */
const kills = Number(process.env.SLIPWAY_TEST_KILLS ?? 10);
/** SLIPWAY_SEED repeats the moments of a run that failed. */
const seed = process.env.SLIPWAY_SEED ?? randomUUID();

const packages: MiniPackage[] = Array.from({ length: 12 }, (_, number) => ({
  name: `part${number}`,
  files: [{ type: 'file', path: `/usr/share/part${number}`, content: `${number}`.repeat(200_000) }],
  scriptlets: { post: { script: `echo ${number} >> /usr/share/parts` } },
}));

const steps = ['Import packages', 'Run scriptlets', 'Commit the tree'];

test('SIGKILL at random moments harms neither repository nor cache, and the next compose gives the same commit', async (t) => {
  t.timeout(1_800_000);
  t.log(`SLIPWAY_SEED=${seed}`);
  const mini = await miniDistribution(t, packages);
  const cache = join(mini.folder, 'cache');
  const expected = await mini.compose({ cacheDir: join(mini.folder, 'calm'), repo: join(mini.folder, 'calm-repo') });
  const start = (): ChildProcess => composeOf(mini);
  const usualMs = { cold: await timeOf(start), warm: await timeOf(start) };

  const random = seededRandom(seed);
  let hits = 0;
  for (let round = 0; hits < kills && round < kills * 5; round++) {
    const caches = round % 2 === 0 ? 'cold' : 'warm';
    if (caches === 'cold') await rm(cache, { recursive: true, force: true });
    const moment = steps[round] ?? random.below(usualMs[caches]);
    if (!(await killAt(start(), moment))) continue; // it was done before
    hits++;
    for (const repo of [join(mini.folder, 'repo'), cacheRepo(mini.folder)]) {
      if (existsSync(join(repo, 'objects'))) await run(['ostree', `--repo=${repo}`, 'fsck', '--quiet']);
    }
    const after = await mini.compose({ force: true, parent: null });
    t.is(after.checksum, expected.checksum, `killed at ${moment} with ${caches} caches`);
  }
  t.is(hits, kills);
  await untilIdle(cache); // a killed compose's engine ends a moment later, beside the next compose
  await mini.compose({ force: true, parent: null });
  t.deepEqual(await readdir(join(cache, 'work', `uid-${process.getuid?.()}`)), []);
});

test('the engine of a killed compose keeps others from emptying the cache until it has ended', async (t) => {
  const mini = await miniDistribution(t, packages);
  const lock = cacheLock(join(mini.folder, 'cache'));
  const child = composeOf(mini);
  await new Promise<void>((resolve) => whenStepBegins(child, 'Run scriptlets', resolve));
  const holders = await Promise.all((await lockHolders(lock)).map(async (pid) => [await parentOf(pid), pid] as const));
  const holderOf = new Map(holders);
  const engine = [...holderOf.keys()].find((pid) => pid !== child.pid);
  t.truthy(engine);
  process.kill(engine!, 'SIGSTOP'); // the worst case of a slow machine
  const [ended, released] = [once(child, 'exit'), exitOf(holderOf.get(child.pid!)!)];
  child.kill('SIGKILL');
  await Promise.all([ended, released]);
  await t.throwsAsync(run(['flock', '--nonblock', lock, 'true']), { instanceOf: ToolError });
  process.kill(engine!, 'SIGKILL');
  await untilIdle(join(mini.folder, 'cache'));
});

/** Of a process that is nobody's child here. */
async function exitOf(pid: number): Promise<void> {
  while (processStartTime(pid) !== null) await sleep(10);
}

async function untilIdle(cacheDir: string): Promise<void> {
  await withFileLock(cacheLock(cacheDir), new AbortController().signal, async () => {});
}

function composeOf({ folder }: MiniDistribution): ChildProcess {
  const argv = ['compose', 'tree', join(folder, 'host.json'), '--force', '--no-parent', '--progress', 'json'];
  const places = ['--repo', join(folder, 'repo'), '--cachedir', join(folder, 'cache')];
  return spawn(process.execPath, [program, ...argv, ...places], { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function timeOf(start: () => ChildProcess): Promise<number> {
  const startedAt = performance.now();
  const child = start();
  child.stderr?.resume();
  await once(child, 'exit');
  return Math.ceil(performance.now() - startedAt);
}

function whenStepBegins(child: ChildProcess, step: string, then: () => void): void {
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (line.includes('step-start') && line.includes(JSON.stringify(step))) then();
  });
}

/** Kills the compose when a step begins or after milliseconds. @returns false when it had ended by itself */
async function killAt(child: ChildProcess, moment: string | number): Promise<boolean> {
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  if (typeof moment === 'string') whenStepBegins(child, moment, () => child.kill('SIGKILL'));
  else {
    child.stderr?.resume();
    await Promise.race([ended, sleep(moment)]);
    child.kill('SIGKILL');
  }
  const [, signal] = await ended;
  return signal === 'SIGKILL';
}

test('two composes at once with one cache give the same commit', async (t) => {
  const mini = await miniDistribution(t, packages);
  const [one, two] = await Promise.all(['one', 'two'].map((repo) => mini.compose({ repo: join(mini.folder, repo) })));
  t.is(one?.checksum, two?.checksum);
  await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'fsck', '--quiet']);
});
