// One treefile as its author wrote it, checked and with each value's place: the tree of nodes -> Layer. Nothing of other files yet.

import type { SourcePosition } from '../../lib/diagnostics.ts';
import type { ListKey, MapKey, MergedKey, ScalarKey, SteeringKey } from './declare.ts';
import type { SourceFile, Span } from './source/source-file.ts';

/** How a file was reached: the line that included it, and under which conditions. */
export interface IncludeStep {
  readonly keyword: 'include' | 'arch-include' | 'conditional-include';
  readonly position: SourcePosition;
  /** As written; empty for an unconditional include. An `arch-include` has `basearch == "…"`. */
  readonly conditions: readonly string[];
}

/** A file in its place in the include tree. An inline treefile has the source of the file that it is written in. */
export interface LayerInfo {
  readonly source: SourceFile;
  /** Absolute path of the folder that names in this file are relative to. */
  readonly directory: string;
  /** From the first file to this one; empty for the first. */
  readonly via: readonly IncludeStep[];
}

/** A value that remembers who wrote it. */
export interface Traced<T> {
  readonly value: T;
  readonly span: Span;
  readonly layer: LayerInfo;
}

/** Values by key name, per form of key. What a file says, and equally what a file and its includes say together. */
export class Values {
  readonly scalars = new Map<string, Traced<unknown>>();
  readonly lists = new Map<string, Traced<unknown>[]>();
  readonly maps = new Map<string, Map<string, Traced<unknown>>>();

  scalar<T>(key: ScalarKey<T>): Traced<T> | undefined {
    return this.scalars.get(key.name) as Traced<T> | undefined;
  }

  /** Undefined when nobody wrote the key; a list may also be written empty. */
  list<T>(key: ListKey<T>): readonly Traced<T>[] | undefined {
    return this.lists.get(key.name) as Traced<T>[] | undefined;
  }

  map<T>(key: MapKey<T>): ReadonlyMap<string, Traced<T>> | undefined {
    return this.maps.get(key.name) as Map<string, Traced<T>> | undefined;
  }

  has(key: MergedKey): boolean {
    return this.scalars.has(key.name) || this.lists.has(key.name) || this.maps.has(key.name);
  }

  copy(): Values {
    const copy = new Values();
    for (const [name, value] of this.scalars) copy.scalars.set(name, value);
    for (const [name, items] of this.lists) copy.lists.set(name, [...items]);
    for (const [name, members] of this.maps) copy.maps.set(name, new Map(members));
    return copy;
  }

  /** All values of a key with their places, in order. */
  tracesOf(key: MergedKey): readonly Traced<unknown>[] {
    switch (key.form) {
      case 'scalar':
        return [this.scalars.get(key.name)].filter((traced) => traced !== undefined);
      case 'list':
        return this.lists.get(key.name) ?? [];
      case 'map':
        return [...(this.maps.get(key.name)?.values() ?? [])];
    }
  }
}

export class Layer {
  readonly info: LayerInfo;
  readonly values = new Values();
  /** Items of `packages-ARCH` by architecture; those of the build's are among the values too. */
  readonly architecturePackages = new Map<string, readonly Traced<unknown>[]>();
  /** Keys as they are spelt in the file, with their places. */
  readonly keySpans: [name: string, span: Span][] = [];
  readonly #steering = new Map<string, unknown>();

  constructor(info: LayerInfo) {
    this.info = info;
  }

  steering<T>(key: SteeringKey<T>): T | undefined {
    return this.#steering.get(key.name) as T | undefined;
  }

  setSteering(name: string, value: unknown): void {
    this.#steering.set(name, value);
  }
}
