// The second half of a compose: a prepared one -> packages -> plan -> commit, in one child inside a user namespace (engine.ts).

import { join, resolve } from 'node:path';
import { Cancelled } from '../lib/errors.ts';
import { withFileLock } from '../lib/file-lock.ts';
import { makeFolder } from '../lib/files.ts';
import { runInNamespace, type WorkerTools } from '../lib/namespace.ts';
import type { ComposeOptions, ComposeResult } from './compose.ts';
import { engineContext } from './context.ts';
import { decide } from './decide.ts';
import type { EngineInput, EngineResult } from './engine.ts';
import { fetchPackages } from './fetch-packages.ts';
import { cacheLock } from './packages/cache.ts';
import type { PackageFile } from './packages/package.ts';
import { type ComposePlan, makePlan } from './plan.ts';
import type { PreparedCompose } from './prepare.ts';
import { nevra, type PackageLock } from './resolve/lock.ts';
import { scriptletOutputFolder } from './rootfs/scriptlet-output.ts';
import { staleWorkFolders, workFolderName } from './work-folder.ts';

type MadeCommit = Pick<ComposeResult, 'checksum' | 'version' | 'scriptletOutput'>;

/** The engine's process, which waits for its input. */
export interface StartedEngine {
  /** Once, and not after `dismiss`. */
  run(input: Promise<EngineInput>): Promise<EngineResult>;
  /** Ends it without input. */
  dismiss(): Promise<void>;
}

/** Starts the engine before it is known what it shall do: that takes a moment, while others are at work. */
export function startEngine(tools: WorkerTools): StartedEngine {
  const { promise, resolve: give, reject } = Promise.withResolvers<EngineInput>();
  const result = runInNamespace<EngineInput, EngineResult>(new URL('./engine.ts', import.meta.url), promise, tools);
  result.catch(() => {}); // told to whoever gives it input
  return {
    run(input) {
      input.then(give, reject);
      return result;
    },
    async dismiss() {
      reject(new Cancelled());
      await result.catch(() => {});
    },
  };
}

/** Makes the commit of a prepared compose; `slipway cache gc` waits meanwhile. */
export async function makeCommit(
  prepared: PreparedCompose,
  engine: StartedEngine,
  options: ComposeOptions,
  tools: WorkerTools,
): Promise<MadeCommit> {
  const cacheDir = resolve(options.cacheDir);
  await makeFolder(cacheDir);
  const { gpgKey } = prepared.treefile;
  if (gpgKey !== null && options.sign !== false) {
    const { requireGpgKeys } = await import('./publish/sign.ts');
    await requireGpgKeys({ keyIds: [gpgKey], homedir: null }, engineContext(tools));
  }
  const make = async (): Promise<MadeCommit> => {
    const planned = fetchAndPlan(prepared, options, tools);
    const input = planned.then(({ plan, paths }) => engineInput(plan, prepared, paths, options));
    const { checksum } = await engine.run(input);
    const { plan, scriptletOutput } = await input;
    return { checksum, version: plan.commitVersion, scriptletOutput };
  };
  return withFileLock(cacheLock(cacheDir), tools.signal, make, 'shared');
}

interface PlannedCompose {
  readonly plan: ComposePlan;
  /** Of package files, by digest. */
  readonly paths: ReadonlyMap<string, string>;
}

async function fetchAndPlan(
  prepared: PreparedCompose,
  options: ComposeOptions,
  tools: WorkerTools,
): Promise<PlannedCompose> {
  const paths = await fetchPackages(prepared, options, tools);
  const plan = makePlan(prepared.inputs, await decide(prepared, options, [...paths.values()]));
  const treefile = options.sign === false ? { ...plan.treefile, gpgKey: null } : plan.treefile;
  return { plan: { ...plan, treefile }, paths };
}

async function engineInput(
  plan: ComposePlan,
  { lock, previous }: PreparedCompose,
  paths: ReadonlyMap<string, string>,
  options: ComposeOptions,
): Promise<EngineInput> {
  const userId = process.getuid?.() ?? 0;
  const cacheDir = resolve(options.cacheDir);
  const workParent = join(cacheDir, 'work', `uid-${userId}`);
  return {
    plan,
    packages: packageFiles(lock, paths),
    target: {
      path: resolve(options.repo),
      mode: options.repoMode ?? 'bare-user',
      refCommit: previous?.checksum ?? null,
    },
    cacheDir,
    userId,
    scriptletOutput: await scriptletOutputFolder(resolve(options.outputDir ?? cacheDir), userId, plan.inputId),
    workFolder: join(workParent, await workFolderName()),
    staleWorkFolders: await staleWorkFolders(workParent),
  };
}

function packageFiles(lock: PackageLock, paths: ReadonlyMap<string, string>): PackageFile[] {
  return lock.packages.map((each) => ({
    nevra: nevra(each),
    digest: `${each.checksum.type}:${each.checksum.value}`,
    path: paths.get(each.checksum.value)!,
  }));
}
