// yargs lays out help with string-width, whose Unicode tables take a quarter of the time of a short command, at every start. Our help is plain text:
// its length is its width.

import { registerHooks } from 'node:module';
import { stripVTControlCharacters } from 'node:util';

/** Loads modules that import string-width, with this module in its place. */
export async function withPlainTextWidth<T>(load: () => Promise<T>): Promise<T> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'string-width'
        ? { url: import.meta.url, format: 'module-typescript', shortCircuit: true }
        : next(specifier, context),
  });
  try {
    return await load();
  } finally {
    hooks.deregister();
  }
}

/** What string-width exports. */
export default function plainTextWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}
