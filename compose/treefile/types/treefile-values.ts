// Types that only treefiles have: includes, conditions, variables, id checks, repository pins.

import type { MappingNode } from '../source/node.ts';
import type { JsonValue } from '../treefile.ts';
import { type Located, listOf, located, mapOf, oneOrMore, record } from './collections.ts';
import { count, either, flag, oneOf, text } from './scalars.ts';
import type { ValueType } from './value-type.ts';
import { wrongType } from './value-type.ts';

export type VariableValue = boolean | number | string;

/** A boolean, a whole number or a string; the type matters in conditions. */
export const variableValue: ValueType<VariableValue> = {
  words: 'true, false, a whole number or a string',
  schema: { type: ['boolean', 'integer', 'string'] },
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

const fileNames = oneOrMore(located(text({ words: 'the name of a treefile' })));

export const includeFiles = fileNames;

const includeTarget: ValueType<IncludeTarget> = {
  words: 'the name of a treefile, a list of them, or a treefile',
  schema: { anyOf: [fileNames.schema, { $ref: '#' }] },
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

/** The names of one repository's packages. */
export const repoPackages = record('a mapping with "repo" and "packages"', {
  repo: { type: text({ words: 'the id of a repository' }) },
  packages: { type: listOf(text({ words: 'a package name' }), 'a list of package names') },
});

/** One scriptlet whose failure is known and does no harm. */
export const ignoredScriptlet = record('a mapping with "package", "scriptlet" and "reason"', {
  package: { type: text({ words: 'the name of a package' }) },
  scriptlet: { type: oneOf(['pre', 'post', 'posttrans', 'triggerin', 'filetriggerin', 'transfiletriggerin']) },
  reason: { type: text({ words: 'why the failure does no harm' }) },
});

/** A numeric id, `[uid]` or `[uid, gid]`. */
export type WrittenId = number | readonly number[];

export const writtenId: ValueType<WrittenId> = {
  words: 'a number, [uid] or [uid, gid]',
  schema: {
    anyOf: [count.schema, { type: 'array', items: count.schema, minItems: 1, maxItems: 2 }],
  },
  read(node, problems) {
    if (node.type !== 'sequence') {
      return node.type === 'mapping' ? wrongType(node, writtenId.words, problems) : count.read(node, problems);
    }
    if (node.items.length < 1 || node.items.length > 2) return wrongType(node, writtenId.words, problems);
    const ids = node.items.map((item) => count.read(item, problems));
    return ids.every((id) => id !== undefined) ? ids : undefined;
  },
};

/** The written form of `check-passwd` and `check-groups`. */
export type WrittenIdCheck =
  | { readonly type: 'none' | 'previous' }
  | { readonly type: 'file'; readonly filename: string }
  | { readonly type: 'data'; readonly entries: Readonly<Record<string, WrittenId>> };

const idCheckRecord = record('a mapping with "type"', {
  type: { type: oneOf(['none', 'previous', 'file', 'data']) },
  filename: { type: text({ words: 'the name of a file' }), optional: true },
  entries: { type: mapOf(writtenId), optional: true },
});

export const idCheck: ValueType<WrittenIdCheck> = {
  words: 'a mapping with "type": none, previous, file (with "filename") or data (with "entries")',
  schema: idCheckRecord.schema,
  read(node, problems) {
    const check = idCheckRecord.read(node, problems);
    if (check === undefined) return undefined;
    switch (check.type) {
      case 'none':
      case 'previous':
        return { type: check.type };
      case 'file':
        if (check.filename !== undefined) return { type: 'file', filename: check.filename };
        problems.error('missing-field', '"filename" is missing here: type "file" needs it', node);
        return undefined;
      case 'data':
        if (check.entries !== undefined) return { type: 'data', entries: Object.fromEntries(check.entries) };
        problems.error('missing-field', '"entries" is missing here: type "data" needs it', node);
        return undefined;
    }
  },
};

const rojigRecord = record('a mapping with "name", "summary" and "license"', {
  name: { type: text() },
  summary: { type: text() },
  license: { type: text() },
  description: { type: text(), optional: true },
});

/** Plain data, since it is only read, substituted and shown. */
export const rojig: ValueType<Readonly<Record<string, JsonValue>>> = rojigRecord;
