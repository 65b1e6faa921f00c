// Reads typed values out of one `.repo` section: variables filled in, every problem collected with its place.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnostic } from '../../lib/diagnostics.ts';
import type { IniSection } from './ini.ts';
import { type RepoVariables, substituteVariables } from './variables.ts';

export interface SectionReader {
  /** Null when the key is absent or empty. */
  text(key: string): string | null;
  /** Words between white space, line ends and commas. */
  list(key: string): string[];
  flag(key: string, fallback: boolean): boolean;
  wholeNumber(key: string, fallback: number): number;
  /** Absolute path; `file://` in front is allowed. */
  path(key: string): string | null;
  /** One URL without a final slash; an absolute path becomes a `file:` URL. */
  url(key: string, schemes?: readonly string[]): string | null;
  urls(key: string): string[];
  /** Reports a problem at a key, or at the section's head when the key is absent. */
  complain(key: string, code: string, message: string, hint?: string, severity?: 'error' | 'warning'): void;
  /** Whether an error was reported at a key, so that nothing follows from its value. */
  isWrong(key: string): boolean;
  readonly diagnostics: readonly Diagnostic[];
}

const fetchable = ['http', 'https', 'file'];

export function sectionReader(section: IniSection, variables: RepoVariables): SectionReader {
  const diagnostics: Diagnostic[] = [];
  const wrongKeys = new Set<string>();
  const complain: SectionReader['complain'] = (key, code, message, hint, severity = 'error') => {
    const { position, sourceLine } = section.values.get(key) ?? section;
    diagnostics.push({ severity, code, message, position, sourceLine, ...(hint === undefined ? {} : { hint }) });
    if (severity === 'error') wrongKeys.add(key);
  };
  const text = (key: string): string | null => {
    const found = section.values.get(key);
    if (found === undefined || found.value === '') return null;
    const { text: filled, unknown } = substituteVariables(found.value, variables);
    for (const name of unknown) {
      const hint = name === 'releasever' ? 'set releasever in the treefile' : 'set it in repovars of the treefile';
      complain(key, 'unknown-variable', `${key} of [${section.name}] uses $${name}, which has no value`, hint);
    }
    return filled;
  };
  const list = (key: string): string[] => (text(key) ?? '').split(/[\s,]+/).filter((word) => word !== '');
  const checkedUrl = (key: string, value: string, schemes: readonly string[]): string => {
    if (value.startsWith('/')) return pathToFileURL(value).href.replace(/\/+$/, '');
    const scheme = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : undefined;
    if (scheme === undefined || !schemes.includes(scheme)) {
      const message = `${key} of [${section.name}] is "${value}", which is no URL that can be fetched`;
      complain(key, 'wrong-url', message, `use ${schemes.map((name) => `${name}://`).join(', ')}`);
    }
    return value.replace(/\/+$/, '');
  };
  return {
    text,
    list,
    flag(key, fallback) {
      const value = text(key);
      if (value === null) return fallback;
      if (/^(1|yes|true|on)$/i.test(value)) return true;
      if (/^(0|no|false|off)$/i.test(value)) return false;
      complain(key, 'wrong-value', `${key} is "${value}", which is neither 1 nor 0`);
      return fallback;
    },
    wholeNumber(key, fallback) {
      const value = text(key);
      if (value === null) return fallback;
      if (/^-?\d{1,9}$/.test(value)) return Number(value);
      complain(key, 'wrong-value', `${key} is "${value}", which is not a whole number`);
      return fallback;
    },
    path(key) {
      const value = text(key);
      return value === null ? null : resolve(value.replace(/^file:\/\//, ''));
    },
    url(key, schemes = fetchable) {
      const value = text(key);
      return value === null ? null : checkedUrl(key, value, schemes);
    },
    urls: (key) => list(key).map((value) => checkedUrl(key, value, fetchable)),
    complain,
    isWrong: (key) => wrongKeys.has(key),
    diagnostics,
  };
}
