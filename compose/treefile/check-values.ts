// Checks of values that need nothing but themselves. Each points at the line that wrote the value.

import { nearestNames } from '../../lib/near-miss.ts';
import { addFiles } from './keys/files.ts';
import * as identity from './keys/identity.ts';
import * as packageKeys from './keys/packages.ts';
import { repovars } from './keys/packages.ts';
import * as system from './keys/system.ts';
import type { Values } from './layer.ts';
import { didYouMean, type Problems } from './problems.ts';
import { positionOf, type Span } from './source/source-file.ts';
import { treePath } from './tree-path.ts';

/** Where files may be added; `usr/local` is a link on OSTree hosts. */
const addable = ['usr', 'etc', 'bin', 'sbin', 'lib', 'lib64'];

/** What the files say together. */
export function checkValues(values: Values, problems: Problems): void {
  checkRef(values, problems);
  checkRepovars(values, problems);
  checkUnits(values, problems);
  checkAddedFiles(values, problems);
  checkExcluded(values, problems);
}

/** What one file says: none may be for another architecture, even when an includer overrides it. */
export function checkArchitecture(values: Values, arch: string, problems: Problems): void {
  const written = values.scalar(identity.basearch);
  if (written === undefined || written.value === arch) return;
  const hint = didYouMean(nearestNames(written.value, [arch])) ?? 'remove the key to follow the build';
  problems.error(
    'basearch',
    `Invalid basearch ${written.value} on ${arch}: cross-composes are not supported`,
    written.span,
    hint,
  );
}

/** Again after substitution: a variable may have brought something that no branch can have, or none was there. */
function checkRef(values: Values, problems: Problems): void {
  const ref = values.scalar(identity.ref);
  if (ref === undefined || /^[\w.-]+(\/[\w.-]+)*$/.test(ref.value)) return;
  const unknown = /\$\{([^}]*)\}/.exec(ref.value);
  if (unknown !== null) problems.error('bad-value', `the variable ${unknown[1]} is not defined`, ref.span);
  else
    problems.error(
      'bad-value',
      `with its variables this is "${ref.value}", which cannot be an OSTree branch`,
      ref.span,
    );
}

function checkRepovars(values: Values, problems: Problems): void {
  for (const [name, { span }] of values.map(repovars) ?? []) {
    if (repovars.reserved?.includes(name) !== true) continue;
    problems.error('reserved-variable', `the repository variable ${name} cannot be set: it is always there`, span);
  }
}

function checkUnits(values: Values, problems: Problems): void {
  const units = values.list(system.units) ?? [];
  const machineid = values.scalar(system.machineidCompat);
  if (machineid?.value !== false || units.length === 0) return;
  problems.error(
    'units',
    '"units" cannot be used with machineid-compat: false',
    units[0]!.span,
    'ship a preset file instead, or remove machineid-compat',
  );
}

function checkAddedFiles(values: Values, problems: Problems): void {
  for (const { value, span } of values.list(addFiles) ?? []) {
    const destination = treePath(value[1]!);
    const parts = destination.split('/');
    if (parts.includes('..') || !addable.includes(parts[0]!) || /^usr\/local(\/|$)/.test(destination))
      reportDestination(value[1]!, span, problems);
  }
}

/** Also for a destination that is wrong because of what is copied there. */
export function reportDestination(written: string, span: Span, problems: Problems): void {
  const hint = `it must lie below ${addable.join(', ')}, but not in usr/local`;
  problems.error('add-files', `Unsupported path in add-files: ${written}`, span, hint);
}

/** rpm-ostree fails late with such a list; the place is known here. */
function checkExcluded(values: Values, problems: Problems): void {
  const wanted = new Map((values.list(packageKeys.packages) ?? []).map((traced) => [traced.value, traced]));
  for (const { value, span } of values.list(packageKeys.excludePackages) ?? []) {
    const request = wanted.get(value);
    if (request === undefined) continue;
    const { file, line } = positionOf(request.span);
    problems.error('excluded', `${value} is excluded here, and asked for in ${file}:${line}`, span);
  }
}
