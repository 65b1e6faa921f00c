// The tree of a file's nodes -> Layer: finds each key's declaration, reads its value, and handles what concerns one file alone:
// legacy spellings, packages-ARCH, items with several packages, and what keys imply.

import { nearestNames } from '../../lib/near-miss.ts';
import type { MergedKey, TreefileKey } from './declare.ts';
import { setImplied, warnNothingImplied } from './implied.ts';
import { packages } from './keys/packages.ts';
import { findKey, keyNames, packagesArchitecture } from './keys.ts';
import { Layer, type LayerInfo, type Traced } from './layer.ts';
import { didYouMean, type Problems } from './problems.ts';
import { requestProblem } from './request-syntax.ts';
import { isEmpty, type MappingEntry, type SourceNode } from './source/node.ts';
import { splitWords, type Word } from './split-words.ts';
import { uniqueEntries } from './types/collections.ts';
import { wrongType } from './types/value-type.ts';

export interface ReadContext {
  readonly arch: string;
  readonly problems: Problems;
  /** JSON ignores unknown keys, YAML does not; a treefile written inside another ignores them too. */
  readonly dialect: 'yaml' | 'json' | 'kickstart' | 'inline';
}

export function readLayer(root: SourceNode, info: LayerInfo, context: ReadContext): Layer {
  const layer = new Layer(info);
  const { problems } = context;
  if (root.type !== 'mapping') {
    if (root.type === 'scalar' && root.value === null) return layer;
    problems.error('wrong-type', 'a treefile is a mapping from keys to values', root);
    return layer;
  }
  const known = root.entries.filter((entry) => checkName(entry, context));
  for (const entry of uniqueEntries(known, problems)) readEntry(entry, root.entries, layer, context);
  if (context.dialect === 'inline') warnNothingImplied(layer, problems);
  else setImplied(layer, problems);
  return layer;
}

/** Reports names that are no keys; true when the entry is to be read. */
function checkName({ key }: MappingEntry, { dialect, problems }: ReadContext): boolean {
  if (findKey(key.value) !== undefined || packagesArchitecture(key.value) !== undefined) return true;
  const suggestion = didYouMean(nearestNames(key.value, keyNames()));
  if (dialect === 'yaml') {
    problems.error('unknown-key', `no such key "${key.value}"`, key, suggestion);
  } else if (dialect === 'inline') {
    problems.warning(
      'unknown-key',
      `no such key "${key.value}"; it is ignored in a treefile written inline`,
      key,
      suggestion,
    );
  } else {
    // JSON keeps its comments in keys of their own; one that is nearly a key is rather a mistake.
    const message = `no such key "${key.value}"; unknown keys are ignored in JSON`;
    if (suggestion === undefined || /comment/i.test(key.value)) problems.note('unknown-key', message, key);
    else problems.warning('unknown-key', message, key, suggestion);
  }
  return false;
}

function readEntry(entry: MappingEntry, siblings: readonly MappingEntry[], layer: Layer, context: ReadContext): void {
  const { problems, dialect } = context;
  const name = entry.key.value;
  const architecture = packagesArchitecture(name);
  const found = findKey(name);
  const outOfPlace =
    dialect === 'inline' && (architecture !== undefined || found?.key.form === 'steering' || found?.legacy);
  if (outOfPlace) {
    problems.warning(
      'no-effect',
      `"${name}" has no effect in a treefile written inline`,
      entry.key,
      'put it into a file of its own',
    );
    return;
  }
  layer.keySpans.push([name, entry.key]);
  if (architecture !== undefined) {
    readArchitecturePackages(entry, architecture, layer, context);
    return;
  }
  if (found === undefined) return;
  const { key, legacy } = found;
  if (key.form === 'refused') {
    problems.error('client-key', `"${name}" cannot be used in a compose: ${key.reason}`, entry.key);
    return;
  }
  if (legacy && siblings.some((sibling) => sibling.key.value === key.name)) {
    problems.error(
      'duplicate-key',
      `"${name}" is the old spelling of "${key.name}"; both are given`,
      entry.key,
      'keep the new one',
    );
    return;
  }
  if (isEmpty(entry.value)) return;
  readValue(key, entry.value, layer, context);
}

function readValue(
  key: Exclude<TreefileKey, { form: 'refused' }>,
  node: SourceNode,
  layer: Layer,
  context: ReadContext,
): void {
  const problems = context.problems.about(key.name);
  switch (key.form) {
    case 'steering': {
      const value = key.type.read(node, problems);
      if (value !== undefined) layer.setSteering(key.name, value);
      return;
    }
    case 'scalar': {
      const value = key.type.read(node, problems);
      if (value !== undefined) layer.values.scalars.set(key.name, { value, span: node, layer: layer.info });
      return;
    }
    case 'list': {
      const items = readItems(key, node, layer, context);
      if (items === undefined) return;
      const name = key.foldInto ?? key.name;
      layer.values.lists.set(name, [...(layer.values.lists.get(name) ?? []), ...items]);
      return;
    }
    case 'map': {
      if (node.type !== 'mapping') {
        problems.mustBe(`a mapping from names to ${key.member.words}`, node);
        return;
      }
      const members = new Map<string, Traced<unknown>>();
      for (const member of uniqueEntries(node.entries, problems)) {
        const value = key.member.read(member.value, problems.about(member.key.value));
        if (value !== undefined) members.set(member.key.value, { value, span: member.value, layer: layer.info });
      }
      layer.values.maps.set(key.name, members);
    }
  }
}

function readItems(
  key: MergedKey & { form: 'list' },
  node: SourceNode,
  layer: Layer,
  context: ReadContext,
): Traced<unknown>[] | undefined {
  if (node.type !== 'sequence') {
    const hint = node.type === 'scalar' ? 'write it as a list: [ … ]' : undefined;
    return wrongType(node, `a list, each item ${key.item.words}`, context.problems.about(key.name), hint);
  }
  return node.items.flatMap((item): Traced<unknown>[] => {
    const value = key.item.read(item, context.problems.about(key.name).aboutItems());
    if (value === undefined) return [];
    const traced = { value, span: item, layer: layer.info };
    // An inline treefile does not pass through rpm-ostree's splitting, so that `podman >= 4` is one request there.
    if (context.dialect === 'inline') {
      if (key.splitWords === true) checkRequest(String(value), item, context.problems);
      return [traced];
    }
    if (key.splitWords === true) return splitTraced(traced, item, context.problems);
    return [key.splitField === undefined ? traced : splitField(traced, key.splitField, item, context.problems)];
  });
}

function splitTraced(traced: Traced<unknown>, node: SourceNode, problems: Problems): Traced<unknown>[] {
  const verbatim = node.type === 'scalar' && node.verbatim;
  return wordsOf(String(traced.value), node, problems).map(({ text, start }) => {
    const from = node.start + start;
    return {
      ...traced,
      value: text,
      span: verbatim ? { source: node.source, start: from, end: from + text.length } : node,
    };
  });
}

function splitField(traced: Traced<unknown>, field: string, node: SourceNode, problems: Problems): Traced<unknown> {
  const value = traced.value as Readonly<Record<string, readonly string[]>>;
  const written = node.type === 'mapping' ? node.entries.find(({ key }) => key.value === field)?.value : undefined;
  const places = written?.type === 'sequence' ? written.items : [];
  const words = value[field]!.flatMap((item, index) => wordsOf(item, places[index] ?? node, problems));
  return { ...traced, value: { ...value, [field]: [...new Set(words.map(({ text }) => text))].sort() } };
}

function wordsOf(item: string, node: SourceNode, problems: Problems): readonly Word[] {
  const words = splitWords(item);
  if (typeof words === 'string') {
    problems.error('unbalanced-quote', words, node, "put the whole request between ' and '");
    return [];
  }
  for (const { text } of words) checkRequest(text, node, problems);
  return words;
}

function checkRequest(request: string, node: SourceNode, problems: Problems): void {
  const problem = requestProblem(request);
  if (problem !== null) problems.error('request-syntax', problem, node, requestHint);
}

const requestHint = `write "'NAME OPERATOR VERSION'" in single quotes, with <, <=, =, >= or >`;

function readArchitecturePackages(entry: MappingEntry, architecture: string, layer: Layer, context: ReadContext): void {
  // Wrong types count on every architecture, as in rpm-ostree.
  const items = readItems(packages as MergedKey & { form: 'list' }, entry.value, layer, context);
  if (items === undefined) return;
  layer.architecturePackages.set(architecture, items);
  if (architecture !== context.arch) return;
  layer.values.lists.set(packages.name, [...(layer.values.lists.get(packages.name) ?? []), ...items]);
}
