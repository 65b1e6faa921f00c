// Smells around variables: never used, misspelt, or written where nothing is put in.

import { nearestNames } from '../../../lib/near-miss.ts';
import { parseCondition } from '../conditions.ts';
import type { MergedKey } from '../declare.ts';
import type { FlatTreefile } from '../flatten.ts';
import { everyLayer } from '../include.ts';
import { postprocess } from '../keys/files.ts';
import { basearch, releasever } from '../keys/identity.ts';
import { conditionalInclude } from '../keys/including.ts';
import { repovars } from '../keys/packages.ts';
import { mergedKeys } from '../keys.ts';
import type { Layer, Traced } from '../layer.ts';
import { didYouMean, type Problems } from '../problems.ts';
import { scriptVariables } from '../script-variables.ts';

export async function lintVariables(flat: FlatTreefile, problems: Problems): Promise<void> {
  for (const layer of flat.layers) for (const key of mergedKeys) lintKey(key, layer, flat, problems);
  const used = await usedVariables(flat);
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

/** What is left out on this architecture, or by a condition, may be what uses a variable. */
async function usedVariables(flat: FlatTreefile): Promise<ReadonlySet<string>> {
  const layers = everyLayer(flat.file, flat.basearch);
  const conditions = layers
    .flatMap((layer) => layer.steering(conditionalInclude) ?? [])
    .flatMap((entry) => entry.if.map(({ value }) => parseCondition(value)))
    .flatMap((condition) => ('variable' in condition ? [condition.variable] : []));
  const texts = layers.flatMap(({ values }) =>
    mergedKeys.filter(isSubstituted).flatMap((key) => values.tracesOf(key).map(({ value }) => textOf(value))),
  );
  const substituted = texts.flatMap((text) => [...text.matchAll(reference)].map(([, name]) => name!));
  const always = [basearch.name, releasever.name];
  return new Set([...always, ...conditions, ...substituted, ...(await scriptVariables(layers))]);
}

const reference = /\$\{([^${}]+)\}/g;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isSubstituted(key: MergedKey): boolean {
  return key.form !== 'list' && key.substituted !== undefined && key.substituted !== false;
}

function lintKey(key: MergedKey, layer: Layer, flat: FlatTreefile, problems: Problems): void {
  // `$name` in these is for others: .repo files and the shell.
  if (key.name === repovars.name || key.name === postprocess.name) return;
  for (const traced of layer.values.tracesOf(key)) {
    if (isSubstituted(key)) lintSubstituted(traced, flat, problems);
    else lintPlain(key, traced, flat, problems);
  }
}

function lintSubstituted({ value, span }: Traced<unknown>, flat: FlatTreefile, problems: Problems): void {
  for (const [whole, name] of textOf(value).matchAll(reference)) {
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
  const found = /\$\{(\w+)\}/.exec(textOf(value));
  if (found === null || !flat.variables.has(found[1]!)) return;
  problems.warning('no-substitution', `variables are not put into ${key.name}: ${found[0]} stays as it is`, span);
}
