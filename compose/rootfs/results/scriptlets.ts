// Scriptlets are functions of what they look at: one whose script, arguments and input are known, and for which everything that it looked at
// last time is as it was, is not run again; what it changed is changed again. What it looks at is learnt by tracing it.
// docs/decisions/0003-results.md.

import { join } from 'node:path';
import { stepId } from '../../../lib/documents.ts';
import type { RunResult } from '../../../lib/run.ts';
import type { EngineContext } from '../../context.ts';
import { type Sandbox, sandboxArgv } from '../sandbox.ts';
import type { TracedOptions } from '../trace/messages.ts';
import type { Trace } from '../trace/record.ts';
import type { Tracer } from '../trace/tracer.ts';
import { applyChanges, type Change, changedLayer, changesBetween } from './changes.ts';
import { keepContents, keptContents } from './contents.ts';
import { firstDifference, observe } from './observe.ts';
import type { OverlayTree } from './overlay-tree.ts';
import { type ResultDocument, resultStore } from './store.ts';
import { treeView } from './tree-view.ts';
import type { UpperLayer } from './upper-layer.ts';

interface ScriptletResult extends ResultDocument {
  readonly kind: 'scriptlet-result';
  readonly changes: readonly Change[];
  /** Its output. */
  readonly said: string;
}

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

export interface ScriptletResults {
  /**
   * Runs a program, or does again what it did.
   * @param execute does what the program does, and gives its output
   */
  run(due: DueProgram, execute: (run: RunTraced) => Promise<string>): Promise<{ said: string; reused: boolean }>;
  /** To be called when something else has changed the tree. */
  forgetTree(): void;
}

/** Runs a sandboxed command. */
export type RunTraced = (argv: readonly string[], options: TracedOptions) => Promise<RunResult>;

/** Counts up when results are told apart in another way: older ones are then never used again. */
const resultsVersion = 3;

/** @param storeFolder where results are kept */
export function scriptletResults(
  tree: OverlayTree,
  tracer: Tracer,
  storeFolder: string,
  context: EngineContext,
): ScriptletResults {
  const { lower, merged } = tree;
  const store = resultStore<ScriptletResult>(storeFolder, 'scriptlet-result');
  const contentFolder = join(storeFolder, 'files');
  let layer: UpperLayer | null = null;

  /** Does again what a known result did, or returns null. */
  const repeat = (due: DueProgram, id: string, before: UpperLayer): string | null => {
    const view = treeView(lower, before);
    for (const { result, markUsed } of store.find(id)) {
      const different = firstDifference(result.seen, view);
      if (different !== null) context.events.debug(`${due.title} runs: /${different} is not as it was`);
      const written = different === null ? keptContents(contentFolder, result.changes) : null;
      if (written === null) continue;
      markUsed();
      applyChanges(merged, result.changes, (digest) => written.get(digest)!);
      layer = changedLayer(before, result.changes);
      return result.said;
    }
    return null;
  };

  const remember = (id: string, said: string, trace: Trace, before: UpperLayer, after: UpperLayer): void => {
    const changes = changesBetween(lower, before, after);
    if (!trace.complete || changes.some(({ entry }) => entry.type === 'other')) return;
    const views = { before: treeView(lower, before), after: treeView(lower, after) };
    // What was there before a change counts, too.
    const paths = [...trace.paths, ...changes.map(({ path }) => `/${path}`)];
    if (!keepContents(contentFolder, changes, merged)) return;
    const seen = observe({ paths, listed: trace.listed }, views);
    store.add(id, { kind: 'scriptlet-result', version: 1, seen, changes, said });
  };

  return {
    async run(due, execute) {
      const before = layer ?? tree.readUpper();
      const id = resultId(due);
      const known = repeat(due, id, before);
      if (known !== null) return { said: known, reused: true };
      layer = null; // until the run has ended well
      let trace: Trace | null = null;
      const said = await execute(async (argv, options) => {
        const traced = await tracer.run(argv, options);
        trace = traced.trace;
        return traced.result;
      });
      layer = tree.readUpper();
      if (trace !== null) remember(id, said, trace, before, layer);
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
