// Which of the tests run: chosen by pattern, tag, shard and the last report; left out with a reason where they cannot run. Pure.

import { sha256 } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { nearestNames } from '../../lib/near-miss.ts';
import type { ExternalTest } from './external/discover.ts';

export interface Selection {
  /** Patterns for names, `*` for any characters; empty: all. */
  readonly patterns: readonly string[];
  /** Tests with one of these tags; empty: all that need no tag. */
  readonly tags: readonly string[];
  readonly shard: Shard | null;
  /** Only these names (those that failed in the last report), or null. */
  readonly only: ReadonlySet<string> | null;
}

/** Part `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface Target {
  readonly arch: string;
  /** ID of the image's os-release; null before a boot. */
  readonly distro: string | null;
}

/** `2/3`. @throws UserError `shard-malformed`. */
export function parseShard(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index !== undefined && count !== undefined && index >= 1 && index <= count) return { index, count };
  throw new UserError('shard-malformed', `"${text}" is no shard`, { hint: 'write 2/3 for the second of three' });
}

/**
 * The tests that are asked for.
 * @throws UserError `test-unknown` for a pattern that matches nothing, `tag-unknown` for a tag that no test has.
 */
export function selectTests(tests: readonly ExternalTest[], selection: Selection): ExternalTest[] {
  const { patterns, tags, shard, only } = selection;
  for (const pattern of patterns) {
    if (!tests.some(({ name }) => matches(pattern, name)))
      throw unknown(
        'test',
        pattern,
        tests.map(({ name }) => name),
      );
  }
  const knownTags = new Set(tests.flatMap(tagsOf));
  for (const tag of tags) if (!knownTags.has(tag)) throw unknown('tag', tag, [...knownTags]);
  return tests.filter(
    (test) =>
      (patterns.length === 0 || patterns.some((pattern) => matches(pattern, test.name))) &&
      (tags.length === 0 || tagsOf(test).some((tag) => tags.includes(tag))) &&
      // A test named in full is asked for, whatever tag it requires.
      (test.declaration.requiredTag === null ||
        tags.includes(test.declaration.requiredTag) ||
        patterns.includes(test.name)) &&
      (shard === null || shardOf(test.name, shard.count) === shard.index) &&
      (only === null || only.has(test.name)),
  );
}

/** Why a test that is asked for cannot run on this target; null when it can. */
export function whyLeftOut({ declaration }: ExternalTest, target: Target): string | null {
  const { architectures, platforms, distros, unsupported } = declaration;
  if (unsupported !== null) return `asks for what this harness does not have: ${unsupported}`;
  if (!allows(architectures, target.arch))
    return `is not for ${target.arch} (architectures: ${architectures.join(' ')})`;
  if (!allows(platforms, 'qemu')) return `is not for QEMU (platforms: ${platforms.join(' ')})`;
  if (target.distro !== null && !allows(distros, target.distro)) {
    return `is not for ${target.distro} (distros: ${distros.join(' ')})`;
  }
  return null;
}

/** Whether a name matches a pattern in which `*` stands for any characters. */
export function matches(pattern: string, name: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(name);
}

/** By a hash of the name, so that a new test moves no other one to another shard. From 1. */
export function shardOf(name: string, count: number): number {
  return (Number.parseInt(sha256(name).slice(0, 8), 16) % count) + 1;
}

function tagsOf({ declaration: { tags, requiredTag } }: ExternalTest): string[] {
  return requiredTag === null ? [...tags] : [...tags, requiredTag];
}

// `a b` allows a and b; `! a b` all others (mantle/kola of coreos-assembler).
function allows(list: readonly string[], value: string): boolean {
  if (list.length === 0) return true;
  const words = list.join(' ').replace(/^!\s*/, '').split(/\s+/);
  return words.includes(value) !== list[0]!.startsWith('!');
}

function unknown(what: 'test' | 'tag', word: string, known: readonly string[]): UserError {
  const near = nearestNames(word, known);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : '`slipway test list` shows all tests and tags';
  return new UserError(
    `${what}-unknown`,
    what === 'tag' ? `no test has the tag "${word}"` : `no test is called "${word}"`,
    {
      hint,
    },
  );
}
