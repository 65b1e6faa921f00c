// A distribution of a few tiny packages for tests of the compose engine: a busybox tree with a shell, and whatever a test adds. It is
// written as real RPMs with repository metadata, next to a treefile that asks for all of it.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type ComposeOptions, type ComposeResult, composeTree } from '../../compose/compose.ts';
import { Events, type SlipwayEvent } from '../../lib/events.ts';
import { type RpmFile, type RpmSpec, rpmFileName, writeRpm } from '../../lib/rpm/write.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

export type MiniPackage = Pick<RpmSpec, 'name'> & Partial<RpmSpec>;

const applets =
  'sh cat echo chmod chown mkdir rm mv cp ln sed dd touch ls id grep sort find sleep true false test tee env printf'.split(
    ' ',
  );

/** Links, folders and accounts that every tree has, and a shell. */
export const basePackage: MiniPackage = {
  name: 'base',
  provides: [{ name: '/bin/sh' }],
  files: [
    ...['bin', 'sbin', 'lib', 'lib64'].map(
      (name): RpmFile => ({ type: 'symlink', path: `/${name}`, target: `usr/${name}` }),
    ),
    ...['/usr', '/usr/bin', '/usr/sbin', '/usr/lib', '/usr/lib64', '/etc', '/var', '/var/lib', '/root', '/home'].map(
      (path): RpmFile => ({ type: 'directory', path, mode: path === '/root' ? 0o700 : 0o755 }),
    ),
    { type: 'file', path: '/usr/bin/busybox', mode: 0o755, content: { fromFile: '/bin/busybox' } },
    ...applets.map((name): RpmFile => ({ type: 'symlink', path: `/usr/bin/${name}`, target: 'busybox' })),
    { type: 'file', path: '/etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:2:2::/:/bin/false\n' },
    { type: 'file', path: '/etc/group', content: 'root:x:0:\ndaemon:x:2:\nshadow:x:42:\n' },
    { type: 'file', path: '/etc/shadow', mode: 0o640, group: 'shadow', content: 'root:*:19000:0:99999:7:::\n' },
    { type: 'file', path: '/usr/lib/os-release', content: 'ID=mini\nVERSION="1"\nPRETTY_NAME="Mini 1"\n' },
  ],
};

export interface MiniDistribution {
  readonly folder: string;
  /** Replaces the packages of the repository. */
  publish(packages: readonly MiniPackage[]): Promise<void>;
  /** Writes the treefile; keys are added to a minimal one that asks for all published packages. */
  treefile(keys: Readonly<Record<string, unknown>>): Promise<void>;
  compose(options?: Partial<ComposeOptions>): Promise<Composed>;
}

export interface Composed extends ComposeResult {
  readonly events: readonly SlipwayEvent[];
  readonly repo: string;
}

/** A folder with the base package, the given ones, and a treefile for a tree that need not boot. */
export async function miniDistribution(
  t: ExecutionContext,
  packages: readonly MiniPackage[],
  keys: Readonly<Record<string, unknown>> = {},
): Promise<MiniDistribution> {
  const folder = await temporaryFolder(t);
  const rpms = join(folder, 'rpms');
  let published: readonly MiniPackage[] = [];
  const distribution: MiniDistribution = {
    folder,
    async publish(next) {
      published = [basePackage, ...next];
      await run(['rm', '-rf', rpms]);
      await mkdir(rpms);
      for (const each of published) {
        const spec: RpmSpec = { version: '1', release: '1', arch: 'noarch', ...each };
        await writeRpm(join(rpms, rpmFileName(spec)), spec);
      }
      await run(['createrepo_c', '--quiet', rpms]);
    },
    async treefile(more) {
      const repoFile = `[mini]\nname=mini\nbaseurl=file://${rpms}\ngpgcheck=0\n`;
      await writeFile(join(folder, 'mini.repo'), repoFile);
      const treefile = {
        ref: 'mini/host',
        repos: ['mini'],
        packages: published.map((each) => each.name),
        // Which container: true means too, and would say so.
        ...(more.container === false ? { selinux: false, 'tmp-is-dir': true } : { container: true }),
        ...more,
      };
      await writeFile(join(folder, 'host.json'), JSON.stringify(treefile));
    },
    async compose(options = {}) {
      const events = new Events();
      const seen: SlipwayEvent[] = [];
      events.listen((event) => seen.push(event));
      const repo = options.repo ?? join(folder, 'repo');
      const result = await composeTree(
        { treefileFile: join(folder, 'host.json'), repo, cacheDir: join(folder, 'cache'), ...options },
        { events, signal: new AbortController().signal },
      );
      return { ...result, events: seen, repo };
    },
  };
  await distribution.publish(packages);
  await distribution.treefile(keys);
  return distribution;
}

/** The content of a file in a commit. */
export async function fileIn(composed: Pick<Composed, 'repo' | 'checksum'>, path: string): Promise<string> {
  return (await run(['ostree', `--repo=${composed.repo}`, 'cat', composed.checksum, path])).stdout;
}

/** Lines `TYPE MODE UID GID PATH [-> TARGET]` of a commit, without sizes. */
export async function listing(composed: Pick<Composed, 'repo' | 'checksum'>): Promise<string[]> {
  const { stdout } = await run(['ostree', `--repo=${composed.repo}`, 'ls', '-R', composed.checksum]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [, type, mode, uid, gid, path] = /^(.)(\d+) +(\d+) +(\d+) +\d+ (.*)$/.exec(line) ?? [];
      return [type, mode, uid, gid, path].join(' ');
    });
}

export function step(composed: Pick<Composed, 'events'>, title: string): Extract<SlipwayEvent, { type: 'step-end' }> {
  for (const event of composed.events) if (event.type === 'step-end' && event.title === title) return event;
  throw new Error(`there was no step ${title}`);
}

/** The repository of the package cache of a compose in `folder`. */
export function cacheRepo(folder: string): string {
  return join(folder, 'cache', 'packages', `uid-${process.getuid?.()}`, 'repo');
}
