// Scriptlets are functions of what they look at: one whose script, arguments and input are known, and for which everything that it looked at
// last time is as it was, is not run again; what it changed is changed again. What it looks at is learnt by tracing it.
// docs/decisions/0003-scriptlet-results.md.

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { stepId } from '../../../lib/documents.ts';
import { entryInTree } from '../../../lib/in-tree.ts';
import { run } from '../../../lib/run.ts';
import type { EngineContext } from '../../context.ts';
import type { EnginePackage } from '../../packages/package.ts';
import type { PlannedLayer } from '../../plan.ts';
import { type Sandbox, sandboxArgv } from '../sandbox.ts';
import { applyChanges, changedLayer, changesBetween } from './changes.ts';
import { interpreterOf } from './interpreter.ts';
import { lowerTree, packagedDigests } from './lower-tree.ts';
import { firstDifference, observe, placesOf } from './observe.ts';
import { digestsIn, resultStore, type ScriptletResult } from './store.ts';
import { lastProcessor, readTrace, type Trace, traceArgv } from './trace.ts';
import { type TreeView, treeView } from './tree-view.ts';
import { type UpperLayer, upperReader } from './upper-layer.ts';

/** A program that is due in the tree. */
export interface DueProgram {
  /** For messages. */
  readonly title: string;
  /** Without the script's file, which has another name in each compose. */
  readonly sandbox: Sandbox;
  readonly program: readonly string[];
  /** The script's text, and what it gets on stdin. */
  readonly script: string;
  readonly input: string;
}

export interface ResultsSetting {
  /** The overlay's folders. */
  readonly lower: string;
  readonly upper: string;
  readonly merged: string;
  /** For traces, outside of the tree. */
  readonly folder: string;
  readonly packages: readonly EnginePackage[];
  readonly layers: readonly PlannedLayer[];
  /** Where results are kept. */
  readonly storeFolder: string;
}

export interface ScriptletResults {
  /**
   * Runs a program, or does again what it did.
   * @param execute runs a command that does what the program does, and gives its output
   */
  run(due: DueProgram, execute: (wrap: CommandWrapper) => Promise<string>): Promise<{ said: string; reused: boolean }>;
  /** To be called when something else has changed the tree. */
  forgetTree(): void;
}

/** Puts a command into another one that runs it. */
export type CommandWrapper = (argv: readonly string[]) => string[];

/** Counts up when results are told apart in another way: older ones are then never used again. */
const resultsVersion = 1;

export async function scriptletResults(setting: ResultsSetting, context: EngineContext): Promise<ScriptletResults> {
  const processor = lastProcessor(readFileSync('/proc/self/status', 'utf8'));
  const traceable = await canTrace(setting.folder, processor, context);
  // A layer may bring another file to the place of a packaged one.
  const digests = setting.layers.length === 0 ? packagedDigests(setting.packages) : new Map<string, string>();
  const lower = lowerTree(setting.lower, digests);
  const readUpper = upperReader(setting.upper);
  const store = resultStore(setting.storeFolder);
  const traceFile = join(setting.folder, 'trace');
  let layer: UpperLayer | null = null;

  /** Does again what a known result did, or returns null. */
  const repeat = (due: DueProgram, id: string, before: UpperLayer): string | null => {
    const view = treeView(lower, before);
    for (const { result, contents } of store.find(id)) {
      const different = firstDifference(result.seen, view);
      if (different !== null) context.events.debug(`${due.title} runs: /${different} is not as it was`);
      const written = different === null ? contents() : null;
      if (written === null) continue;
      applyChanges(setting.merged, result.changes, (digest) => written.get(digest)!);
      layer = changedLayer(before, result.changes);
      return result.said;
    }
    return null;
  };

  const remember = (id: string, said: string, before: UpperLayer, after: UpperLayer): void => {
    const trace = readTrace(readFileSync(traceFile, 'utf8'));
    const changes = changesBetween(lower, before, after);
    if (!trace.complete || changes.some(({ entry }) => entry.type === 'other')) return;
    const views = { before: treeView(lower, before), after: treeView(lower, after) };
    const touched = changes.map(({ path }) => `/${path}`);
    const paths = [...trace.paths, ...interpreters(trace, views.after, setting.merged), ...touched];
    const result: ScriptletResult = {
      kind: 'scriptlet-result',
      version: 1,
      seen: observe({ paths, listed: trace.listed }, views),
      changes,
      said,
    };
    store.add(id, result, contentsOf(changes, setting.merged));
  };

  return {
    async run(due, execute) {
      if (!traceable) return { said: await execute((argv) => [...argv]), reused: false };
      const before = layer ?? readUpper();
      const id = resultId(due);
      const known = repeat(due, id, before);
      if (known !== null) return { said: known, reused: true };
      layer = null; // until the run has ended well
      const said = await execute((argv) => traceArgv(argv, traceFile, processor));
      layer = readUpper();
      remember(id, said, before, layer);
      return { said, reused: false };
    },
    forgetTree() {
      layer = null;
    },
  };
}

function resultId({ sandbox, program, script, input }: DueProgram): string {
  return stepId('scriptlet', { argv: sandboxArgv({ ...sandbox, root: '/' }, program), script, input, resultsVersion });
}

function contentsOf(changes: ReturnType<typeof changesBetween>, root: string): Map<string, Buffer> {
  const wanted = new Set(digestsIn(changes));
  const contents = new Map<string, Buffer>();
  for (const { path, entry } of changes) {
    if (entry.type === 'file' && wanted.delete(entry.digest)) {
      contents.set(entry.digest, readFileSync(entryInTree(root, path)));
    }
  }
  return contents;
}

/** Paths of the interpreters and loaders of the programs that a trace names, and of those interpreters. */
function interpreters({ programs }: Trace, view: TreeView, root: string): string[] {
  const found = new Set<string>();
  const due = [...programs];
  for (let program = due.pop(); program !== undefined; program = due.pop()) {
    const place = placesOf(program, view).at(-1);
    if (place === undefined || view.entry(place).type !== 'file') continue;
    const interpreter = interpreterOf(startOf(entryInTree(root, place)));
    if (interpreter === null || found.has(interpreter)) continue;
    found.add(interpreter);
    due.push(interpreter);
  }
  return [...found];
}

function startOf(path: string): Buffer {
  const start = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  try {
    return start.subarray(0, readSync(file, start));
  } finally {
    closeSync(file);
  }
}

/** Some containers forbid ptrace(2): then scriptlets run in every compose. */
async function canTrace(folder: string, processor: number, context: EngineContext): Promise<boolean> {
  try {
    await run(traceArgv(['true'], join(folder, 'trace'), processor), context.runOptions);
    return true;
  } catch (error) {
    context.signal.throwIfAborted();
    context.events.info(`scriptlets cannot be traced here, so they run in every compose: ${(error as Error).message}`);
    return false;
  }
}
