// OSTree repositories with commits of a few files, made by ostree itself, for tests of everything that reads or copies commits.

import { chmod, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type EngineContext, engineContext } from '../../compose/context.ts';
import { readPackage } from '../../compose/packages/package.ts';
import { writeRpmDatabase } from '../../compose/rootfs/rpmdb.ts';
import { Events } from '../../lib/events.ts';
import { type RpmSpec, rpmFileName, writeRpm } from '../../lib/rpm/write.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

export interface TinyCommit {
  /** Default: `os/host`. */
  readonly ref?: string;
  /** Path -> content, or content and mode. */
  readonly files: Readonly<Record<string, string | { readonly content: string | Uint8Array; readonly mode: number }>>;
  readonly version?: string;
  /** `name version release`, noarch. */
  readonly packages?: readonly string[];
  /** Seconds since 1970. */
  readonly timestamp?: number;
  readonly inputId?: string;
  readonly bindings?: boolean;
  /** Symbolic links: path -> target. */
  readonly links?: Readonly<Record<string, string>>;
}

export interface TinyRepo {
  readonly folder: string;
  /** bare-user repository in `folder`. */
  readonly repo: string;
  /** Makes a commit on top of what the ref names; returns its checksum. */
  commit(commit: TinyCommit): Promise<string>;
}

export const tinyRef = 'os/host';

export async function tinyRepo(t: ExecutionContext): Promise<TinyRepo> {
  const folder = await temporaryFolder(t);
  const repo = join(folder, 'repo');
  await mkdir(repo);
  await run(['ostree', `--repo=${repo}`, 'init', '--mode=bare-user']);
  let count = 0;
  return {
    folder,
    repo,
    async commit({
      ref = tinyRef,
      files,
      version,
      packages = [],
      timestamp = 1_700_000_000,
      inputId,
      bindings = false,
      links = {},
    }) {
      const tree = join(folder, `tree-${count++}`);
      await mkdir(tree);
      for (const [path, file] of Object.entries(files)) {
        const { content, mode } = typeof file === 'string' ? { content: file, mode: 0o644 } : file;
        await mkdir(dirname(join(tree, path)), { recursive: true });
        await writeFile(join(tree, path), content);
        await chmod(join(tree, path), mode);
      }
      for (const [path, target] of Object.entries(links)) {
        await mkdir(dirname(join(tree, path)), { recursive: true });
        await symlink(target, join(tree, path));
      }
      const list = packages.map((words) => {
        const [name = '', packageVersion = '', release = '1'] = words.split(' ');
        return `('${name}', '0', '${packageVersion}', '${release}', 'noarch')`;
      });
      const { stdout } = await run([
        ...['ostree', `--repo=${repo}`, 'commit', `--branch=${ref}`, `--timestamp=@${timestamp}`],
        ...['--owner-uid=0', '--owner-gid=0', '--fsync=0', `--tree=dir=${tree}`],
        ...(bindings ? [] : ['--no-bindings']),
        ...(version === undefined ? [] : [`--add-metadata-string=version=${version}`]),
        ...(inputId === undefined ? [] : [`--add-metadata-string=slipway.input-id=${inputId}`]),
        `--add-metadata=rpmostree.rpmdb.pkglist=@a(sssss) [${list.join()}]`,
      ]);
      return stdout.trim();
    },
  };
}

export function testContext(): EngineContext {
  return engineContext({ events: new Events(), signal: new AbortController().signal });
}

/** The bytes of a package database that holds packages of these specs, made by rpm. */
export async function rpmDatabase(folder: string, specs: readonly RpmSpec[]): Promise<Buffer> {
  const work = await mkdtemp(join(folder, 'rpmdb-'));
  const packages = specs.map(async (spec) => {
    const path = join(work, rpmFileName(spec));
    await writeRpm(path, spec);
    return readPackage({ nevra: rpmFileName(spec), digest: '', path });
  });
  return readFile(await writeRpmDatabase(await Promise.all(packages), work, 1_700_000_000, testContext()));
}
