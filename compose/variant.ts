// GVariant text (the form of `ostree commit --add-metadata=KEY=VALUE` and `ostree show --print-metadata-key`), as far as commits need it.

import type { JsonValue } from './treefile/treefile.ts';

/** A string literal. */
export function variantString(text: string): string {
  const escaped = text
    .replaceAll(/[\\']/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t');
  return `'${escaped}'`;
}

/** JSON as json-glib maps it: objects a{sv}, arrays av, whole numbers x, others d. */
export function variantOf(value: JsonValue): string {
  if (value === null) return '@mv nothing';
  if (typeof value === 'string') return variantString(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? `int64 ${value}` : `double ${value}`;
  if (Array.isArray(value)) return `@av [${value.map((item: JsonValue) => `<${variantOf(item)}>`).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${variantString(key)}: <${variantOf(member)}>`);
  return `@a{sv} {${members.join(', ')}}`;
}

/** Strings of a printed variant in their order, whatever brackets they stand in: enough to read a list of tuples of strings. */
export function stringsInVariant(text: string): string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gs)].map(([, single, double]) =>
    (single ?? double ?? '').replaceAll(
      /\\(.)/gs,
      (_, character: string) => ({ n: '\n', t: '\t' })[character] ?? character,
    ),
  );
}
