// Reads GVariant text, the form in which `ostree` prints attributes and metadata, as far as it is needed.

/** Strings of a printed variant in their order, whatever brackets they stand in: enough to read a list of tuples of strings. */
export function stringsInVariant(text: string): string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gs)].map(([, single, double]) =>
    (single ?? double ?? '').replaceAll(
      /\\(.)/gs,
      (_, character: string) => ({ n: '\n', t: '\t' })[character] ?? character,
    ),
  );
}
