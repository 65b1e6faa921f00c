// Smells of single values: old spellings, deprecated keys, the same thing twice, names that look incomplete.

import type { FlatTreefile } from '../flatten.ts';
import { addFiles } from '../keys/files.ts';
import { units } from '../keys/system.ts';
import { findKey, mergedKeys } from '../keys.ts';
import type { Layer } from '../layer.ts';
import type { Problems } from '../problems.ts';

const unitSuffix = /\.(service|socket|target|timer|path|mount|automount|swap|slice|scope|device)$/;

export function lintKeys(flat: FlatTreefile, problems: Problems): void {
  for (const layer of flat.layers) {
    lintSpellings(layer, problems);
    lintTwice(layer, problems);
    for (const { value, span } of layer.values.list(units) ?? []) {
      if (!unitSuffix.test(value))
        problems.warning('unit-name', `"${value}" is no unit name`, span, `did you mean "${value}.service"?`);
    }
    lintDeprecatedValues(layer, problems);
  }
  lintSourceNames(flat, problems);
}

/** Keys are looked for in the text of the file's own top level, where old spellings are still to be seen. */
function lintSpellings({ info, values, keySpans }: Layer, problems: Problems): void {
  for (const [written, span] of keySpans) {
    const found = findKey(written);
    if (found === undefined || found.key.form === 'refused') continue;
    if (found.legacy)
      problems.warning('old-spelling', `"${written}" is an old spelling`, span, `write ${found.key.name}`);
    if (found.key.deprecated !== undefined)
      problems.warning('deprecated', `"${written}" is deprecated`, span, found.key.deprecated);
  }
  const platform = mergedKeys.find((key) => key.merge === 'top-level' && info.via.length > 0 && values.has(key));
  if (platform === undefined) return;
  problems.warning(
    'no-effect',
    `"${platform.name}" has no effect in an included file`,
    values.tracesOf(platform)[0]!.span,
  );
}

function lintDeprecatedValues({ values }: Layer, problems: Problems): void {
  for (const key of mergedKeys) {
    const written = key.form === 'scalar' ? values.scalar(key) : undefined;
    if (key.form !== 'scalar' || written === undefined) continue;
    const instead = key.deprecatedValues?.[String(written.value)];
    if (instead === undefined) continue;
    problems.warning('deprecated', `${key.name}: ${written.value} is deprecated`, written.span, instead);
  }
}

function lintTwice({ values }: Layer, problems: Problems): void {
  for (const key of mergedKeys) {
    if (key.form !== 'list' || key.nameOf === undefined) continue;
    const seen = new Set<unknown>();
    for (const { value, span } of values.lists.get(key.name) ?? []) {
      if (typeof value === 'string' && seen.has(value))
        problems.warning('twice', `"${value}" is listed twice in ${key.name} of this file`, span, 'remove one');
      seen.add(value);
    }
  }
}

/** rpm-ostree keys the files of add-files by source name, so that one of two files with the same name is used for both. */
function lintSourceNames(flat: FlatTreefile, problems: Problems): void {
  const folders = new Map<string, string>();
  for (const { value, span, layer } of flat.values.list(addFiles) ?? []) {
    const source = value[0]!;
    const first = folders.get(source);
    if (first !== undefined && first !== layer.directory) {
      problems.warning(
        'same-source',
        `another folder has a file "${source}" in add-files too`,
        span,
        'rpm-ostree would use one of them for both: rename one',
      );
    }
    folders.set(source, first ?? layer.directory);
  }
}
