// A host in a temporary folder: the agent's paths, a disk partition with GRUB's environment block, and programs that stand in for ostree and systemctl.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { formatEnvironmentBlock } from '../../host-agent/boot/bootenv.ts';
import { type HostPaths, hostPaths } from '../../host-agent/paths.ts';
import { temporaryFolder } from './temporary.ts';

export const fixtures = fileURLToPath(new URL('../fixtures/host-agent', import.meta.url));
export const agentProgram = fileURLToPath(new URL('../../host-agent/main.ts', import.meta.url));

/** Commits of the fixtures. */
export const version1 = '0c49c1461ad80434905b780a7cfa7131be1352d01e71a93e84901a9200bf04e7';
export const version2 = '048684041c69a1f23144e9a3369c79c636d88eee83877b16cdeab70e46d88e30';

/** Where mkfs.vfat and mcopy put the file on the image's partition. */
export const blockOffset = 19_968;

export type StatusFixture = 'one' | 'staged' | 'upgraded' | 'reverted' | 'hotfix-pinned';

export interface FakeHost {
  readonly folder: string;
  readonly paths: HostPaths;
  readonly environment: NodeJS.ProcessEnv;
  /** Makes `file` of the stand-ins' folder: `status`, `fail`, … */
  set(file: string, content: string): Promise<void>;
  setStatus(fixture: StatusFixture, file?: string): Promise<void>;
  /** The commands that were run, without those that only look. */
  changes(): Promise<string[]>;
}

/** A host that has booted the given deployments; the remote offers version 2. */
export async function fakeHost(
  t: ExecutionContext,
  status: StatusFixture,
  bootEnvironment: Readonly<Record<string, string>> | null = {},
): Promise<FakeHost> {
  const folder = await temporaryFolder(t);
  const paths = hostPaths(folder);
  const set = (file: string, content: string): Promise<void> => writeFile(join(folder, file), content);
  const setStatus = (fixture: StatusFixture, file = 'status'): Promise<void> => {
    return cp(join(fixtures, 'status', `${fixture}.txt`), join(folder, file));
  };
  await setStatus(status);
  await setStatus('staged', 'status-staged');
  await set('newest', `${version2}\n`);
  if (bootEnvironment !== null) {
    const partition = Buffer.alloc(1 << 20, 0xaa);
    formatEnvironmentBlock(new Map(Object.entries(bootEnvironment))).copy(partition, blockOffset);
    await mkdir(dirname(paths.bootEnvironment), { recursive: true });
    await writeFile(paths.bootEnvironment, partition);
  }
  return {
    folder,
    paths,
    environment: { HOME: folder, SLIPWAY_HOST_ROOT: folder, PATH: `${join(fixtures, 'bin')}:${process.env.PATH}` },
    set,
    setStatus,
    async changes() {
      const calls = await readFile(join(folder, 'calls'), 'utf8').catch(() => '');
      const looks = /^ostree (admin status|show |rev-parse )/;
      return calls.split('\n').filter((call) => call !== '' && !looks.test(call));
    },
  };
}

export interface AgentRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command of the agent's program to its end. */
export async function runAgent(host: FakeHost, words: readonly string[], program = agentProgram): Promise<AgentRun> {
  const child = spawn(process.execPath, [program, 'host', ...words], { env: host.environment });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout, stderr };
}

/** Starts the daemon and resolves when it listens; it is ended with the test. */
export async function startDaemon(t: ExecutionContext, host: FakeHost, program = agentProgram): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, 'host', 'daemon'], {
    env: host.environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the daemon ended with status ${child.exitCode}`);
    await access(host.paths.socket);
  });
  return child;
}

/** Resolves when the condition holds: it gives something other than false and misses no file. Fails after a minute (a loaded machine is slow). */
export async function until(condition: () => Promise<unknown>): Promise<void> {
  const limit = Date.now() + 60_000;
  for (;;) {
    try {
      if ((await condition()) !== false) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (Date.now() > limit) throw new Error('nothing happened within a minute');
    await sleep(20);
  }
}
