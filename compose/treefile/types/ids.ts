// Numeric ids of users and groups, and the checks of which there may be.

import { mapOf, record } from './collections.ts';
import { count, oneOf, text } from './scalars.ts';
import type { ValueType } from './value-type.ts';
import { wrongType } from './value-type.ts';

/** A number, `[id]` or, for a user, `[uid, gid]`. */
export type WrittenId = number | readonly number[];

/** @param most How many numbers a list may have. */
function writtenId(words: string, most: number): ValueType<WrittenId> {
  return {
    words,
    schema: { anyOf: [count.schema, { type: 'array', items: count.schema, minItems: 1, maxItems: most }] },
    read(node, problems) {
      if (node.type === 'scalar') return count.read(node, problems);
      if (node.type === 'mapping' || node.items.length < 1 || node.items.length > most)
        return wrongType(node, words, problems);
      const ids = node.items.map((item) => count.read(item, problems.aboutItems()));
      return ids.every((id) => id !== undefined) ? ids : undefined;
    },
  };
}

export const userId = writtenId('a number, [uid] or [uid, gid]', 2);
/** A group has no second id. */
export const groupId = writtenId('a number or [gid]', 1);

/** The written form of `check-passwd` and `check-groups`. */
export type WrittenIdCheck =
  | { readonly type: 'none' | 'previous' }
  | { readonly type: 'file'; readonly filename: string }
  | { readonly type: 'data'; readonly entries: Readonly<Record<string, WrittenId>> };

/** The field that goes with a type. Those of other types are ignored, as in rpm-ostree, but not without a warning. */
const fieldOf = { none: undefined, previous: undefined, file: 'filename', data: 'entries' } as const;

function idCheck(id: ValueType<WrittenId>): ValueType<WrittenIdCheck> {
  const filename = text({ words: 'the name of a file' });
  const entries = mapOf(id);
  const fields = record('a mapping with "type"', {
    type: { type: oneOf(['none', 'previous', 'file', 'data']) },
    filename: { type: filename, optional: true },
    entries: { type: entries, optional: true },
  });
  return {
    words: 'a mapping with "type": none, previous, file (with "filename") or data (with "entries")',
    schema: {
      anyOf: [
        record('', { type: { type: oneOf(['none', 'previous']) } }).schema,
        record('', { type: { type: oneOf(['file']) }, filename: { type: filename } }).schema,
        record('', { type: { type: oneOf(['data']) }, entries: { type: entries } }).schema,
      ],
    },
    read(node, problems) {
      const check = fields.read(node, problems);
      if (check === undefined || node.type !== 'mapping') return undefined;
      const { type } = check;
      for (const { key } of node.entries) {
        if ((key.value !== 'filename' && key.value !== 'entries') || key.value === fieldOf[type]) continue;
        problems.warning('unknown-field', `"${key.value}" has no meaning with type ${type} and is ignored`, key);
      }
      if (type === 'none' || type === 'previous') return { type };
      if (type === 'file' && check.filename !== undefined) return { type, filename: check.filename };
      if (type === 'data' && check.entries !== undefined) return { type, entries: Object.fromEntries(check.entries) };
      problems.error('missing-field', `"${fieldOf[type]}" is missing here: type "${type}" needs it`, node);
      return undefined;
    },
  };
}

export const userCheck = idCheck(userId);
export const groupCheck = idCheck(groupId);
