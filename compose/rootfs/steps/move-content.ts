// Moves what a folder of the tree holds to another folder. An overlay file system cannot rename folders of its lower layer, so it is a copy.

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { entryInTree, makeFolderInTree } from '../../../lib/in-tree.ts';
import { run } from '../../../lib/run.ts';
import type { EngineContext } from '../../context.ts';

/**
 * @param from path in the tree; a link or nothing there is left alone
 * @param to path in the tree, made when there is something to move
 * @returns the names of what was moved, sorted
 */
export async function moveContent(root: string, from: string, to: string, context: EngineContext): Promise<string[]> {
  const source = entryInTree(root, from);
  if (!lstatSync(source, { throwIfNoEntry: false })?.isDirectory()) return [];
  const names = readdirSync(source).sort();
  if (names.length === 0) return [];
  const paths = names.map((name) => join(source, name));
  // Else what a link in the place of a file leads to, on the build machine, would be overwritten.
  const copy = ['cp', '--archive', '--remove-destination', '--'];
  await run([...copy, ...paths, makeFolderInTree(root, to)], context.runOptions);
  await run(['rm', '--recursive', '--force', '--', ...paths], context.runOptions);
  return names;
}
