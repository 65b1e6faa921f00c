// How a key of the treefile language is declared. Reading, merging, the JSON Schema, docs/treefile.md, completion and `explain` all
// come from these declarations; nothing about a key is written a second time.

import type { JsonValue } from './treefile.ts';
import type { ValueType } from './types/value-type.ts';

interface KeyFacts {
  readonly name: string;
  /** Markdown for people who write treefiles: what it does, one to four sentences. */
  readonly docs: string;
  /** A piece of a YAML treefile that is right as it stands. */
  readonly example: string;
  /** What holds when nobody sets it; absent when nothing does. */
  readonly default?: JsonValue;
  /** First version of Slipway that knows the key. */
  readonly since: string;
  /** `rpm-ostree`: the same there. `slipway`: an addition of ours that rpm-ostree refuses. */
  readonly from: 'rpm-ostree' | 'slipway';
  /** Older spelling, still read. */
  readonly legacyName?: string;
  /** What to use instead, as a sentence. */
  readonly deprecated?: string;
  readonly experimental?: boolean;
}

/** One value. `first-wins`: the includer's value stands, then that of its first include, and so on. `top-level`: includes are not asked. */
export interface ScalarKey<T> extends KeyFacts {
  readonly form: 'scalar';
  readonly merge: 'first-wins' | 'top-level';
  readonly type: ValueType<T>;
  /** Whether `${variable}` is replaced. */
  readonly substituted?: boolean | readonly string[];
  /** Values that should no longer be written: what to write instead, as a sentence. */
  readonly deprecatedValues?: Readonly<Record<string, string>>;
}

/** A list. `prepend`: included items come before the includer's. `union`: a set, shown sorted. */
export interface ListKey<T> extends KeyFacts {
  readonly form: 'list';
  readonly merge: 'prepend' | 'union';
  readonly item: ValueType<T>;
  /** The name by which `remove-inherited` finds an item; absent for items without one. */
  nameOf?(item: T): string;
  /** Items are split at white space outside single quotes. */
  readonly splitWords?: boolean;
  /** The same for a list of texts in this field of each item, which becomes a set. */
  readonly splitField?: string;
  /** The list that the items really belong to. */
  readonly foldInto?: string;
}

/** A mapping merged name by name; the includer's member stands. */
export interface MapKey<T> extends KeyFacts {
  readonly form: 'map';
  readonly merge: 'members';
  readonly member: ValueType<T>;
  /** Names that no member can have. */
  readonly reserved?: readonly string[];
  /** Whether `${variable}` is replaced in members that are strings. */
  readonly substituted?: boolean;
}

/** A key that steers the reading itself and is gone afterwards. */
export interface SteeringKey<T> extends KeyFacts {
  readonly form: 'steering';
  readonly merge: 'none';
  readonly type: ValueType<T>;
}

/** A key of rpm-ostree's client side, which a compose must refuse. */
export interface RefusedKey {
  readonly form: 'refused';
  readonly name: string;
  /** Completes "… cannot be used in a compose: ". */
  readonly reason: string;
}

/** Keys whose value reaches the merged treefile. */
export type MergedKey = ScalarKey<unknown> | ListKey<unknown> | MapKey<unknown>;
export type TreefileKey = MergedKey | SteeringKey<unknown> | RefusedKey;

type Facts<K extends KeyFacts> = Omit<K, 'form' | 'merge' | 'since' | 'from'> & Partial<Pick<K, 'since' | 'from'>>;

const common = { since: '0.1.0', from: 'rpm-ostree' } as const;

export function scalar<T>(facts: Facts<ScalarKey<T>> & { merge?: 'top-level' }): ScalarKey<T> {
  return { form: 'scalar', merge: 'first-wins', ...common, ...facts };
}

export function list<T>(facts: Facts<ListKey<T>>): ListKey<T> {
  return { form: 'list', merge: 'prepend', ...common, ...facts };
}

export function set<T>(facts: Facts<ListKey<T>>): ListKey<T> {
  return { form: 'list', merge: 'union', ...common, ...facts };
}

export function map<T>(facts: Facts<MapKey<T>>): MapKey<T> {
  return { form: 'map', merge: 'members', ...common, ...facts };
}

export function steering<T>(facts: Facts<SteeringKey<T>>): SteeringKey<T> {
  return { form: 'steering', merge: 'none', ...common, ...facts };
}

export function refused(name: string, reason: string): RefusedKey {
  return { form: 'refused', name, reason };
}
