// Makes the agent's two packages. Compressing the runtime takes seconds, so packages are kept in the cache under the id of what they are made of.

import { constants } from 'node:fs';
import { access, copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../lib/cache.ts';
import { sha256, stepId } from '../../lib/documents.ts';
import type { Events } from '../../lib/events.ts';
import { temporaryNameBeside } from '../../lib/files.ts';
import { type RpmSpec, rpmFileName } from '../../lib/rpm/spec.ts';
import { writeRpm } from '../../lib/rpm/write.ts';
import { run } from '../../lib/run.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { agentRpmSpec } from './agent-rpm.ts';
import { bundleAgent } from './bundle.ts';
import { findNodeRuntime, type NodeRuntime, nodeRpmSpec, type RpmArchitecture, stripArgv } from './node-rpm.ts';

export interface AgentRpmOptions {
  /** The packages are written here. */
  readonly outputDir: string;
  /** Seconds since 1970: the only time in the packages. */
  readonly sourceDateEpoch: number;
  /** Default: x86_64. */
  readonly arch?: RpmArchitecture;
}

export interface AgentRpmTools {
  readonly events: Events;
  readonly signal: AbortSignal;
}

/** A change of how packages are written that changes their bytes must change this number. */
const formatOfCache = 1;

/**
 * Writes slipway-node-*.rpm and slipway-host-*.rpm and gives their paths. Equal sources and options give equal bytes.
 * @throws UserError `tool-missing` (strip), `node-runtime-missing`
 */
export async function buildAgentRpms(options: AgentRpmOptions, tools: AgentRpmTools): Promise<string[]> {
  return await tools.events.step('Make the packages of the host agent', async (step) => {
    const { sourceDateEpoch, arch = 'x86_64' } = options;
    await mkdir(options.outputDir, { recursive: true });
    const runtime = await findNodeRuntime(arch);
    const nodeSpec = nodeRpmSpec({ runtime, stripped: runtime.program, arch, sourceDateEpoch });
    const nodeId = stepId('slipway-node', { nodeSpec: { ...nodeSpec, files: [] }, formatOfCache }, [
      sha256(await readFile(runtime.program)),
      sha256(await readFile(runtime.license)),
    ]);
    const bundle = await bundleAgent();
    const agentSpec = await agentRpmSpec({ version: packageJson.version, bundle, sourceDateEpoch });
    const made = { node: false };
    const node = await cached(nodeId, nodeSpec, options.outputDir, async (path) => {
      made.node = true;
      await writeNodeRpm(path, runtime, { arch, sourceDateEpoch }, tools);
    });
    const host = join(options.outputDir, rpmFileName(agentSpec));
    await writeRpm(host, agentSpec);
    if (!made.node) step.reused();
    return [node, host];
  });
}

async function cached(
  id: string,
  spec: RpmSpec,
  outputDir: string,
  make: (path: string) => Promise<void>,
): Promise<string> {
  const kept = join(cacheDirectory(), 'host-agent', `${id}.rpm`);
  if (!(await isThere(kept))) await make(kept);
  const output = join(outputDir, rpmFileName(spec));
  await rm(output, { force: true });
  // A reflink where the file system has them, else a copy: the cache must not change with the output.
  await copyFile(kept, output, constants.COPYFILE_FICLONE);
  return output;
}

async function writeNodeRpm(
  path: string,
  runtime: NodeRuntime,
  options: { readonly arch: RpmArchitecture; readonly sourceDateEpoch: number },
  tools: AgentRpmTools,
): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const stripped = temporaryNameBeside(path);
  try {
    await run(stripArgv(runtime.program, stripped), { events: tools.events, signal: tools.signal });
    await writeRpm(path, nodeRpmSpec({ runtime, stripped, ...options }));
  } finally {
    await rm(stripped, { force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
