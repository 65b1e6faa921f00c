// A program's trace -> what its result depends on, and the first of it that is not as it was.

import { closeSync, openSync, readSync } from 'node:fs';
import { entryInTree } from '../../../lib/in-tree.ts';
import type { Trace } from '../trace/record.ts';
import { interpreterOf } from './interpreter.ts';
import { type Observations, observe, placesOf } from './observe.ts';
import type { TreeView } from './tree-view.ts';

export interface TreeDuringRun {
  /** The tree before and after the run. */
  readonly before: TreeView;
  readonly after: TreeView;
  /** The tree on disk, after it. */
  readonly root: string;
}

/** @param changed absolute paths of what the program changed: what was there before counts */
export function dependenciesOf(trace: Trace, tree: TreeDuringRun, changed: readonly string[] = []): Observations {
  const paths = [...trace.paths, ...interpreters(trace, tree), ...changed];
  return observe({ paths, listed: trace.listed }, tree);
}

/** Paths of the interpreters and loaders of the programs that a trace names, and of those interpreters. */
function interpreters({ programs }: Trace, { after, root }: TreeDuringRun): string[] {
  const found = new Set<string>();
  const due = [...programs];
  for (let program = due.pop(); program !== undefined; program = due.pop()) {
    const place = placesOf(program, after).at(-1);
    if (place === undefined || after.entry(place).type !== 'file') continue;
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
