// Smells around variables: never used, misspelt, or written where nothing is put in.

import { nearestNames } from '../../../lib/near-miss.ts';
import { parseCondition } from '../conditions.ts';
import type { MergedKey } from '../declare.ts';
import type { FlatTreefile } from '../flatten.ts';
import { postprocess } from '../keys/files.ts';
import { basearch, releasever } from '../keys/identity.ts';
import { conditionalInclude } from '../keys/including.ts';
import { repovars } from '../keys/packages.ts';
import { mergedKeys } from '../keys.ts';
import type { Layer, Traced } from '../layer.ts';
import { didYouMean, type Problems } from '../problems.ts';

export function lintVariables(flat: FlatTreefile, problems: Problems): void {
  const used = new Set<string>([basearch.name, releasever.name]);
  for (const layer of flat.layers) {
    for (const entry of layer.steering(conditionalInclude) ?? []) {
      for (const { value } of entry.if) {
        const condition = parseCondition(value);
        if ('variable' in condition) used.add(condition.variable);
      }
    }
    for (const key of mergedKeys) lintKey(key, layer, flat, used, problems);
  }
  for (const [name, { span }] of flat.variables) {
    if (!/^[A-Za-z0-9_]+$/.test(name)) {
      problems.warning(
        'variable-name',
        `no condition and no script can use the variable "${name}"`,
        span,
        'use letters, digits and "_"',
      );
    } else if (!used.has(name)) {
      problems.warning('unused-variable', `the variable ${name} is never used`, span);
    }
  }
}

function lintKey(key: MergedKey, layer: Layer, flat: FlatTreefile, used: Set<string>, problems: Problems): void {
  if (key.name === repovars.name) return;
  for (const traced of layer.values.tracesOf(key)) {
    if (key.name === postprocess.name) {
      for (const [, name] of String(traced.value).matchAll(/SLIPWAY_VAR_(\w+)/g)) used.add(name!);
    } else if (key.form !== 'list' && key.substituted) lintSubstituted(traced, flat, used, problems);
    else lintPlain(key, traced, flat, problems);
  }
}

function lintSubstituted(
  { value, span }: Traced<unknown>,
  flat: FlatTreefile,
  used: Set<string>,
  problems: Problems,
): void {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  for (const [whole, name] of text.matchAll(/\$\{([^${}]+)\}/g)) {
    used.add(name!);
    if (flat.variables.has(name!)) continue;
    problems.warning(
      'unknown-variable',
      `there is no variable ${name}, so ${whole} stays as it is`,
      span,
      didYouMean(nearestNames(name!, flat.variables.keys())),
    );
  }
}

function lintPlain(key: MergedKey, { value, span }: Traced<unknown>, flat: FlatTreefile, problems: Problems): void {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const found = /\$\{(\w+)\}/.exec(text);
  if (found === null || !flat.variables.has(found[1]!)) return;
  problems.warning('no-substitution', `variables are not put into ${key.name}: ${found[0]} stays as it is`, span);
}
