// Types that only treefiles have: includes, conditions, variables, id checks, repository pins.

import type { MappingEntry, MappingNode } from '../source/node.ts';
import type { JsonValue } from '../treefile.ts';
import { type Located, listOf, located, oneOrMore, record, uniqueEntries } from './collections.ts';
import { count, either, flag, oneOf, text } from './scalars.ts';
import type { ValueType } from './value-type.ts';
import { wrongType } from './value-type.ts';

export type VariableValue = boolean | number | string;

/** A boolean, a whole number or a string; the type matters in conditions. */
export const variableValue: ValueType<VariableValue> = {
  words: 'true, false, a whole number or a string',
  schema: { anyOf: [flag.schema, count.schema, text().schema] },
  read(node, problems) {
    const value = node.type === 'scalar' ? node.value : null;
    if (typeof value === 'boolean') return flag.read(node, problems);
    if (typeof value === 'number') return count.read(node, problems);
    return typeof value === 'string' ? value : wrongType(node, variableValue.words, problems);
  },
};

/** A release: `40` and `"40"` differ in conditions. */
export const release: ValueType<number | string> = either(count, text(), (value) => typeof value === 'number');

/** What the `include` of a conditional include names: files, or a treefile written right there. */
export type IncludeTarget =
  | { readonly type: 'files'; readonly files: readonly Located<string>[] }
  | { readonly type: 'inline'; readonly node: MappingNode };

const fileNames = oneOrMore(located(text({ words: 'the name of a treefile' })), 'leave-out');

export const includeFiles = fileNames;

const includeTarget: ValueType<IncludeTarget> = {
  words: 'the name of a treefile, a list of them, or a treefile',
  schema: { anyOf: [fileNames.schema, { $ref: '#/$defs/inline' }] },
  read(node, problems) {
    if (node.type === 'mapping') return { type: 'inline', node };
    const files = fileNames.read(node, problems);
    return files === undefined ? undefined : { type: 'files', files };
  },
};

export const conditionalInclude = record('a mapping with "if" and "include"', {
  if: { type: oneOrMore(located(text({ words: 'a condition such as variable == "value"' }))) },
  include: { type: includeTarget },
});

/** Members to take out of one inherited key. */
export interface Removal {
  readonly key: MappingEntry['key'];
  readonly members: readonly Located<string>[];
}

const memberNames = listOf(located(text({ words: 'a name' })), 'a list of names', 'leave-out');

export const removals: ValueType<Removal[]> = {
  words: 'a mapping from keys to lists of names',
  schema: { type: 'object', additionalProperties: memberNames.schema },
  read(node, problems) {
    if (node.type !== 'mapping') return wrongType(node, removals.words, problems);
    return uniqueEntries(node.entries, problems).flatMap(({ key, value }) => {
      const members = memberNames.read(value, problems.about(key.value));
      return members === undefined ? [] : [{ key, members }];
    });
  },
};

/** The names of one repository's packages. */
export const repoPackages = record('a mapping with "repo" and "packages"', {
  repo: { type: text({ words: 'the id of a repository' }) },
  packages: { type: listOf(text({ words: 'a package name' }), 'a list of package names') },
});

/** One scriptlet whose failure, or absence, is known and does no harm. */
export const ignoredScriptlet = record('a mapping with "package", "scriptlet" and "reason"', {
  package: { type: text({ words: 'the name of a package' }) },
  scriptlet: {
    type: oneOf(['pre', 'post', 'posttrans', 'triggerprein', 'triggerin', 'filetriggerin', 'transfiletriggerin']),
  },
  reason: { type: text({ words: 'why the failure does no harm' }) },
  run: { type: flag, optional: true },
});

const rojigRecord = record('a mapping with "name", "summary" and "license"', {
  name: { type: text() },
  summary: { type: text() },
  license: { type: text() },
  description: { type: text(), optional: true },
});

/** Plain data, since it is only read, substituted and shown. */
export const rojig: ValueType<Readonly<Record<string, JsonValue>>> = rojigRecord;
