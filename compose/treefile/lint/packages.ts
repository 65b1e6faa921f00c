// Smells of package lists: requests that fell into pieces at their spaces, and packages that are asked for and excluded.

import type { FlatTreefile } from '../flatten.ts';
import { excludePackages, packages, repoPackages } from '../keys/packages.ts';
import type { Traced } from '../layer.ts';
import type { Problems } from '../problems.ts';
import { positionOf } from '../source/source-file.ts';

export function lintPackages(flat: FlatTreefile, problems: Problems): void {
  const lists = flat.layers.flatMap(({ values, architecturePackages }) => [
    values.list(packages) ?? [],
    ...[...architecturePackages]
      .filter(([architecture]) => architecture !== flat.basearch)
      .map(([, items]) => items as readonly Traced<string>[]),
  ]);
  for (const items of lists) lintPieces(items, problems);
  lintExcludedPins(flat, problems);
  if (flat.values.has(packages) || flat.values.has(repoPackages)) return;
  problems.warning('no-packages', `${flat.tree.file} and what it includes ask for no packages`);
}

/** Without single quotes each word of `podman >= 4.1` is a request, and each of `(a if b)`. */
function lintPieces(items: readonly Traced<string>[], problems: Problems): void {
  for (const [index, { value, span }] of items.entries()) {
    if (/^([<>]=?|[=!]?=)$/.test(value)) {
      const whole = [items[index - 1]?.value ?? 'name', value, items[index + 1]?.value ?? 'version'].join(' ');
      problems.warning('request-in-pieces', `"${value}" is taken for a package`, span, inQuotes(whole));
    } else if (count(value, '(') > count(value, ')')) {
      const end = items.findIndex((item, later) => later > index && item.value.endsWith(')'));
      const whole = items.slice(index, end === -1 ? undefined : end + 1).map((item) => item.value);
      problems.warning('request-in-pieces', `"${value}" is taken for a package`, span, inQuotes(whole.join(' ')));
    }
  }
}

function inQuotes(request: string): string {
  return `put the whole request in single quotes: "'${request}'"`;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** What is tied to a repository is installed as well, so that excluding it cannot go well. */
function lintExcludedPins({ values }: FlatTreefile, problems: Problems): void {
  const pins = new Map(
    (values.list(repoPackages) ?? []).flatMap((traced) => traced.value.packages.map((name) => [name, traced])),
  );
  for (const { value, span } of values.list(excludePackages) ?? []) {
    const pin = pins.get(value);
    if (pin === undefined) continue;
    const { file, line } = positionOf(pin.span);
    problems.warning('excluded', `${value} is excluded here, and repo-packages asks for it in ${file}:${line}`, span);
  }
}
