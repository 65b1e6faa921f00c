// Where values of a merged treefile come from: a key, a member of one, a path in the tree or a package -> who wrote it, by which
// includes and conditions, and what it overrode.

import { matchesGlob } from 'node:path';
import type { SourcePosition } from '../../lib/diagnostics.ts';
import { UserError } from '../../lib/errors.ts';
import { nearestNames } from '../../lib/near-miss.ts';
import type { MergedKey } from './declare.ts';
import type { FlatTreefile } from './flatten.ts';
import { addFiles, removeFiles } from './keys/files.ts';
import { bootstrapPackages, excludePackages, packages, repoPackages } from './keys/packages.ts';
import { findKey, keyNames, mergedKeys } from './keys.ts';
import type { IncludeStep, Traced } from './layer.ts';
import { printValue } from './print.ts';
import { didYouMean } from './problems.ts';
import type { Span } from './source/source-file.ts';
import type { JsonValue } from './treefile.ts';

export interface Explanation {
  readonly key: string;
  /** Name of a mapping's member. */
  readonly member?: string;
  readonly value: JsonValue;
  /** Where the value is written. */
  readonly position: SourcePosition;
  /** From the first file to the one that wrote it. */
  readonly via: readonly IncludeStep[];
  /** `stands`, or why it does not count. */
  readonly state: 'stands' | 'overridden' | 'removed';
}

/** What somebody wrote for a key, or a member such as `metadata.license`; first what stands. */
export function explainKey(flat: FlatTreefile, name: string): Explanation[] {
  const [keyName, member] = findKey(name) === undefined ? splitMember(name) : [name, undefined];
  const key = findKey(keyName)?.key;
  if (key?.form === 'steering') {
    throw new UserError('steering-key', `"${keyName}" only steers the reading and is gone after merging`, {
      hint: '`slipway treefile graph` shows what was included, and under which conditions',
    });
  }
  if (key === undefined || key.form === 'refused') {
    throw new UserError('unknown-key', `the merged treefile has no key "${keyName}"`, {
      hint:
        didYouMean(nearestNames(keyName, keyNames())) ?? 'packages are found by their whole name, paths begin with /',
    });
  }
  const standing = new Set(flat.values.tracesOf(key).map(placeOf));
  return flat.layers.flatMap(({ values }) => {
    const written =
      key.form === 'map'
        ? [...(values.maps.get(key.name) ?? [])]
        : values.tracesOf(key).map((traced) => [undefined, traced] as const);
    return written
      .filter(([memberName]) => member === undefined || memberName === member)
      .map(([memberName, traced]) => {
        const stands = standing.has(placeOf(traced));
        // Substitution changed the merged value, not the layer's.
        const substituted = stands && key.form !== 'list';
        const merged = substituted
          ? flat.values.tracesOf(key).find((one) => placeOf(one) === placeOf(traced))!
          : traced;
        const state = stands ? 'stands' : key.form === 'list' ? 'removed' : 'overridden';
        return {
          ...explanationOf(key, merged, flat, state),
          ...(memberName === undefined ? {} : { member: memberName }),
        };
      });
  });
}

/** Where variables come from: all of them, or the named one. The definition that stands only. */
export function explainVariables(flat: FlatTreefile, name?: string): Explanation[] {
  return [...flat.variables]
    .filter(([variable]) => name === undefined || variable === name)
    .map(([variable, { value, span, layer }]) => {
      const { position } = span.source.locate(span.start, span.end);
      return { key: 'variables', member: variable, value, position, via: layer.via, state: 'stands' };
    });
}

/** The lines that ask for a package, exclude it or tie it to a repository. */
export function explainPackage(flat: FlatTreefile, name: string): Explanation[] {
  const asked = [packages, bootstrapPackages, excludePackages].flatMap((key) =>
    explainKey(flat, key.name).filter(({ value }) => requestNames(String(value), name)),
  );
  const tied = explainKey(flat, repoPackages.name).filter(({ value }) => {
    return ((value as { packages: string[] }).packages ?? []).includes(name);
  });
  return [...asked, ...tied];
}

/** The lines that add or remove a path of the tree. */
export function explainPath(flat: FlatTreefile, path: string): Explanation[] {
  const wanted = normalPath(path);
  const covers = (written: string): boolean =>
    wanted === normalPath(written) || wanted.startsWith(`${normalPath(written)}/`);
  const added = explainKey(flat, addFiles.name).filter(({ value }) => covers((value as [string, string])[1]));
  const removed = explainKey(flat, removeFiles.name).filter(({ value }) => covers(String(value)));
  return [...added, ...removed];
}

/** Whether a request such as `podman >= 4`, `pod*` or a NEVRA names a package. */
function requestNames(request: string, name: string): boolean {
  const [first = ''] = request.split(/\s+/);
  if (first === name || matchesGlob(name, first)) return true;
  return first.startsWith(`${name}-`) && /^(\d+:)?[^-]+(-[^-]+)?$/.test(first.slice(name.length + 1));
}

function splitMember(name: string): [key: string, member: string | undefined] {
  const owner = mergedKeys.find((key) => key.form === 'map' && name.startsWith(`${key.name}.`));
  return owner === undefined ? [name, undefined] : [owner.name, name.slice(owner.name.length + 1)];
}

function explanationOf(
  key: MergedKey,
  traced: Traced<unknown>,
  flat: FlatTreefile,
  state: Explanation['state'],
): Explanation {
  const { source, start, end } = traced.span;
  const { position } = source.locate(start, end);
  return { key: key.name, value: printValue(key, traced, flat), position, via: traced.layer.via, state };
}

/** Substitution makes new values but keeps their places. */
function placeOf({ span }: { span: Span }): string {
  return `${span.source.path}\0${span.start}\0${span.end}`;
}

function normalPath(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

/** For people: the value, the line that wrote it and the includes that led there. */
export function formatExplanation(explanation: Explanation): string {
  const { key, member, value, position, via, state } = explanation;
  const name = member === undefined ? key : `${key}.${member}`;
  const shown = typeof value === 'string' ? value.trimEnd().replaceAll('\n', '\n    ') : JSON.stringify(value);
  const remark = state === 'stands' ? '' : ` (${state})`;
  const steps = via.toReversed().map(({ keyword, position: place, conditions }) => {
    const condition = conditions.length === 0 ? '' : ` if ${conditions.join(' and ')}`;
    return `    included by ${placeText(place)} (${keyword}${condition})`;
  });
  return [`${name}: ${shown}${remark}`, `  written in ${placeText(position)}`, ...steps].join('\n');
}

function placeText({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}
