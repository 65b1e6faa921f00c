// The project's own files as git knows them, and what a module imports.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Paths relative to the checkout of all files that are committed or would be. */
export function sourceFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: checkout,
    encoding: 'utf8',
  });
  return [...new Set(listed.split('\0'))].filter((path) => path !== '');
}

export function read(path: string): string {
  return readFileSync(join(checkout, path), 'utf8');
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Relative to the checkout; null for packages and Node's own modules. */
  readonly path: string | null;
  /** The line, trimmed. */
  readonly line: string;
}

/** Static and dynamic imports, re-exports and modules named by a URL beside `import.meta.url`, of a TypeScript module. */
export function importsOf(path: string): Import[] {
  const text = read(path);
  const pattern =
    /^(?:import|export)\b[^'"`;]*?\bfrom\s+'([^']+)'.*$|^import\s+'([^']+)'.*$|\bimport\(\s*'([^']+)'\s*\)(?:; \/\/.*$)?|\bnew URL\(\s*'(\.[^']+\.ts)'/gm;
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = (match[1] ?? match[2] ?? match[3] ?? match[4])!;
    const isOurs = specifier.startsWith('.');
    return { specifier, path: isOurs ? normalize(join(dirname(path), specifier)) : null, line: match[0] };
  });
}
