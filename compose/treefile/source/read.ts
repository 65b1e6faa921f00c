// A file on disk -> its tree of nodes, in the language that its name says: .yaml and .yml, .ks, and JSON for everything else.

import { readdirSync, readFileSync } from 'node:fs'; // many small files: waiting for the thread pool would cost more than reading
import { basename, dirname, relative } from 'node:path';
import { nearestNames } from '../../../lib/near-miss.ts';
import { didYouMean, type Problems } from '../problems.ts';
import { parseJson } from './json.ts';
import { parseKickstart } from './kickstart.ts';
import type { ParseResult, SourceNode } from './node.ts';
import { SourceFile, type Span } from './source-file.ts';
import { parseYaml } from './yaml.ts';

export type Dialect = 'yaml' | 'json' | 'kickstart';

export interface ParsedFile {
  readonly source: SourceFile;
  readonly dialect: Dialect;
  readonly root: SourceNode;
}

export interface ReadOptions {
  /** The line that names the file. */
  readonly blame?: Span | undefined;
  /** Default: what the name says. */
  readonly dialect?: Dialect | undefined;
}

/**
 * Reads and parses a file. A problem is reported at `blame` or inside the file, and gives undefined.
 * @param path Absolute.
 * @param shown The name that messages use.
 */
export function readSource(
  path: string,
  shown: string,
  problems: Problems,
  { blame, dialect = dialectOf(path) }: ReadOptions = {},
): ParsedFile | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    problems.error('file-unreadable', ...whyUnreadable(path, shown, error as NodeJS.ErrnoException, blame));
    return undefined;
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    problems.error(
      'not-text',
      `${shown} is not UTF-8 text`,
      blame ?? { source: new SourceFile(shown, ''), start: 0, end: 1 },
    );
    return undefined;
  }
  const source = new SourceFile(shown, text);
  const result = parseText(source, dialect);
  if ('root' in result) return { source, dialect, root: result.root };
  problems.error('syntax', result.error.message, result.error.span, result.error.hint);
  return undefined;
}

export function dialectOf(path: string): Dialect {
  if (/\.ya?ml$/.test(path)) return 'yaml';
  return path.endsWith('.ks') ? 'kickstart' : 'json';
}

export function parseText(source: SourceFile, dialect: Dialect): ParseResult {
  switch (dialect) {
    case 'yaml':
      return parseYaml(source);
    case 'json':
      return parseJson(source);
    case 'kickstart':
      return parseKickstart(source);
  }
}

function whyUnreadable(
  path: string,
  shown: string,
  error: NodeJS.ErrnoException,
  blame: Span | undefined,
): [message: string, at: Span | undefined, hint: string | undefined] {
  if (error.code === 'EISDIR') return [`${shown} is a directory, not a file`, blame, undefined];
  if (error.code !== 'ENOENT') return [`${shown} cannot be read: ${error.code ?? error.message}`, blame, undefined];
  const folder = dirname(path);
  const neighbours = namesIn(folder);
  if (neighbours === undefined)
    return [`${shown} does not exist`, blame, `there is no folder ${relative('.', folder) || folder}`];
  return [`${shown} does not exist`, blame, didYouMean(nearestNames(basename(path), neighbours))];
}

function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}
