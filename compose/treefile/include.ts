// Follows includes: the first file -> the values of all files together, the variables, and the tree of what included what.

import { statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { evaluateCondition, parseCondition } from './conditions.ts';
import type { IncludeNode } from './include-tree.ts';
import { basearch, releasever } from './keys/identity.ts';
import { archInclude, conditionalInclude, include, removeInherited, variables } from './keys/including.ts';
import type { IncludeStep, Layer, LayerInfo, Traced, Values } from './layer.ts';
import { mergeInto } from './merge.ts';
import { Problems } from './problems.ts';
import { readLayer } from './read-layer.ts';
import { removeMembers } from './remove-inherited.ts';
import type { MappingNode } from './source/node.ts';
import { readSource } from './source/read.ts';
import { positionOf, type SourceFile, type Span } from './source/source-file.ts';
import type { Located } from './types/collections.ts';
import type { VariableValue } from './types/treefile-values.ts';

/** Includes may be nested this deep, as in rpm-ostree. */
export const maxIncludeDepth = 50;

export interface IncludedFiles {
  readonly values: Values;
  /** Files and inline treefiles in the order of reading: a file, then each of its includes with theirs. */
  readonly layers: readonly Layer[];
  readonly variables: ReadonlyMap<string, Traced<VariableValue>>;
  readonly tree: IncludeNode;
}

/** Reads a treefile and everything that it includes for one architecture. Undefined when the first file cannot be read at all. */
export function followIncludes(file: string, arch: string, problems: Problems): IncludedFiles | undefined {
  const walk = new IncludeWalk(arch, problems);
  const result = walk.file({ path: resolve(file), shown: file, via: [] });
  if (result?.values === undefined) return undefined;
  return { values: result.values, layers: walk.layers, variables: walk.variables, tree: result.tree };
}

/**
 * The layers of all files that the includes of any architecture and any condition lead to, each once. Problems are not reported: they
 * are those of followIncludes(), or of files that do not count.
 */
export function everyLayer(file: string, arch: string): readonly Layer[] {
  const walk = new IncludeWalk(arch, new Problems(), 'everything');
  walk.file({ path: resolve(file), shown: file, via: [] });
  return walk.layers;
}

interface FileRequest {
  /** Absolute. */
  readonly path: string;
  readonly shown: string;
  readonly via: readonly IncludeStep[];
  /** The characters that name the file, and where they led from; absent for the first file. */
  readonly blame?: Span;
  readonly from?: Folder;
}

interface Visited {
  readonly values: Values | undefined;
  readonly tree: IncludeNode;
}

interface PendingInclude {
  readonly name: Located<string>;
  readonly step: IncludeStep;
  readonly skipped: boolean;
}

/** Where the includes of a file are looked for, and how they are read. */
interface Folder {
  /** Absolute. */
  readonly directory: string;
  /** The same as messages show it. */
  readonly shown: string;
  /** Kickstart files include kickstart files whatever their names, all from the folder of the first one. Undefined: as the names say. */
  readonly dialect: 'kickstart' | undefined;
}

class IncludeWalk {
  readonly layers: Layer[] = [];
  readonly variables = new Map<string, Traced<VariableValue>>();
  readonly #arch: string;
  readonly #problems: Problems;
  readonly #everything: boolean;
  /** By device and inode; values are undefined while the file is being read. */
  readonly #seen = new Map<string, Visited | undefined>();
  readonly #path: { id: string; shown: string }[] = [];

  constructor(arch: string, problems: Problems, extent: 'what counts' | 'everything' = 'what counts') {
    this.#arch = arch;
    this.#problems = problems;
    this.#everything = extent === 'everything';
  }

  file({ path, shown, via, blame, from }: FileRequest): Visited {
    const step = via.at(-1);
    const failed = (state: 'failed' | 'loop' = 'failed'): Visited => ({
      values: undefined,
      tree: { file: shown, step, state, children: [] },
    });
    const id = fileId(path);
    if (this.#seen.has(id)) {
      const known = this.#seen.get(id);
      if (known !== undefined)
        return {
          values: known.values,
          tree: { file: shown, step, state: known.values === undefined ? 'failed' : 'again', children: [] },
        };
      const loop = this.#path.slice(this.#path.findIndex((entry) => entry.id === id)).map((entry) => entry.shown);
      this.#problems.error('include-loop', `the includes go in a loop: ${[...loop, shown].join(' -> ')}`, blame);
      return failed('loop');
    }
    if (via.length > maxIncludeDepth) {
      this.#problems.error('include-depth', `includes are nested deeper than ${maxIncludeDepth} files`, blame);
      return failed();
    }
    this.#seen.set(id, undefined);
    const parsed = readSource(path, shown, this.#problems, { blame, dialect: from?.dialect });
    if (parsed === undefined) {
      this.#seen.set(id, failed());
      return failed();
    }
    this.#path.push({ id, shown });
    const { source, dialect } = parsed;
    const folder: Folder =
      from?.dialect === 'kickstart'
        ? from
        : { directory: dirname(path), shown: dirname(shown), dialect: dialect === 'kickstart' ? dialect : undefined };
    const info: LayerInfo = { source, directory: folder.directory, via };
    const layer = readLayer(parsed.root, info, { arch: this.#arch, problems: this.#problems, dialect });
    const tree: IncludeNode = { file: shown, step, state: 'read', children: [] };
    const values = this.#withIncludes(layer, folder, tree);
    this.#path.pop();
    this.#seen.set(id, { values, tree });
    return { values, tree };
  }

  #withIncludes(layer: Layer, folder: Folder, tree: IncludeNode): Values {
    const own = layer.values.copy();
    this.layers.push(layer);
    this.#defineVariables(layer);
    const pending = this.#unconditional(layer);
    for (const entry of layer.steering(conditionalInclude) ?? []) {
      const conditions = entry.if.map(({ value }) => value);
      const holds = this.#everything || this.#allHold(entry.if);
      if (entry.include.type === 'files') {
        for (const name of entry.include.files) {
          pending.push({ name, step: includeStep('conditional-include', name.span, conditions), skipped: !holds });
        }
      } else {
        const step = includeStep('conditional-include', entry.include.node, conditions);
        this.#inline(entry.include.node, layer.info, step, holds, own, tree);
      }
    }
    for (const { name, step, skipped } of pending) {
      const shown = isAbsolute(name.value) ? name.value : join(folder.shown, name.value);
      if (skipped) {
        tree.children.push({ file: shown, step, state: 'skipped', children: [] });
        continue;
      }
      const included = this.file({
        path: resolve(folder.directory, name.value),
        shown,
        via: [...layer.info.via, step],
        blame: name.span,
        from: folder,
      });
      tree.children.push(included.tree);
      if (included.values !== undefined) mergeInto(own, included.values);
    }
    const removals = layer.steering(removeInherited);
    if (removals !== undefined) removeMembers(own, removals, layer.values, this.#problems);
    return own;
  }

  /** The definition that came first stays: that of the file nearest to the first one. */
  #defineVariables(layer: Layer): void {
    const define = (name: string, traced: Traced<VariableValue>): void => {
      if (!this.variables.has(name)) this.variables.set(name, traced);
    };
    for (const [name, { value, span }] of layer.steering(variables) ?? []) {
      if (name === basearch.name || name === releasever.name) {
        const hint = name === releasever.name ? 'set it with the key releasever' : 'it is always that of the build';
        this.#problems.error('reserved-variable', `the variable ${name} cannot be set`, span, hint);
      } else define(name, { value, span, layer: layer.info });
    }
    if (layer.info.via.length === 0) {
      const { source } = layer.info;
      define(basearch.name, { value: this.#arch, span: { source, start: 0, end: 1 }, layer: layer.info });
    }
    const release = layer.values.scalar(releasever);
    if (release !== undefined) define(releasever.name, release);
  }

  #unconditional(layer: Layer): PendingInclude[] {
    const plain = (layer.steering(include) ?? []).map((name) => ({
      name,
      step: includeStep('include', name.span, []),
      skipped: false,
    }));
    const perArch = [...(layer.steering(archInclude) ?? [])].flatMap(([arch, names]) =>
      names.map((name) => ({
        name,
        step: includeStep('arch-include', name.span, [`basearch == "${arch}"`]),
        skipped: arch !== this.#arch && !this.#everything,
      })),
    );
    return [...plain, ...perArch];
  }

  /** Evaluates every condition, also behind one that does not hold, so that all errors come out. */
  #allHold(conditions: readonly Located<string>[]): boolean {
    const values = new Map([...this.variables].map(([name, { value }]) => [name, value]));
    const results = conditions.map(({ value, span }) => {
      const condition = parseCondition(value);
      const result = 'error' in condition ? condition : evaluateCondition(condition, values);
      if (typeof result === 'boolean') return result;
      this.#problems.error('condition', result.error, span, result.hint);
      return false;
    });
    return results.every((result) => result);
  }

  #inline(
    node: MappingNode,
    { source, directory, via }: { source: SourceFile; directory: string; via: readonly IncludeStep[] },
    step: IncludeStep,
    holds: boolean,
    own: Values,
    tree: IncludeNode,
  ): void {
    const info = { source, directory, via: [...via, step] };
    const layer = readLayer(node, info, { arch: this.#arch, problems: this.#problems, dialect: 'inline' });
    const { line } = positionOf(node);
    tree.children.push({ file: `${source.path}:${line}`, step, state: holds ? 'inline' : 'skipped', children: [] });
    if (!holds) return;
    this.layers.push(layer);
    mergeInto(own, layer.values);
  }
}

function includeStep(keyword: IncludeStep['keyword'], span: Span, conditions: readonly string[]): IncludeStep {
  return { keyword, position: positionOf(span), conditions };
}

/** Device and inode, so that links to one file count as that file; the path when there is no file. */
function fileId(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined ? path : `${status.dev}:${status.ino}`;
}
