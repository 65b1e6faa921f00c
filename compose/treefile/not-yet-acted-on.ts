// Keys that are read, merged and shown, but that no part of Slipway acts on yet. Whoever makes a part act on one takes it off the list.

import { mergedKeys } from './keys.ts';
import type { Values } from './layer.ts';
import type { Problems } from './problems.ts';

export const notYetActedOn: ReadonlySet<string> = new Set([
  'advisories-metadata',
  'cliwrap',
  'cliwrap-binaries',
  'container',
  'fail-on-new-users',
  'gpg-key',
  'ima',
  'lockfile-repos',
  'opt-usrlocal',
  'ostree-layers',
  'ostree-override-layers',
  'pin-groups',
  'pin-users',
  'platform-module',
  'rojig',
  'rpmdb',
  'selinux-label-version',
]);

/** One warning for each such key that somebody set to something else than its default. */
export function warnNotYetActedOn(values: Values, problems: Problems): void {
  for (const key of mergedKeys) {
    if (!notYetActedOn.has(key.name)) continue;
    const traced = values.tracesOf(key)[0];
    if (traced === undefined) continue;
    if (key.form === 'scalar' && JSON.stringify(traced.value) === JSON.stringify(key.default)) continue;
    problems.warning('not-acted-on', `"${key.name}" is read, but Slipway does not act on it yet`, traced.span);
  }
}
