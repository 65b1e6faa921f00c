// Keys that one key implies, in the file that says so and before anything is merged (as in rpm-ostree, treefile.rs).

import type { ScalarKey } from './declare.ts';
import { edition } from './keys/identity.ts';
import * as system from './keys/system.ts';
import * as users from './keys/users.ts';
import type { Layer } from './layer.ts';
import type { Problems } from './problems.ts';

type Implied = readonly (readonly [key: ScalarKey<unknown>, value: unknown])[];

/** Edition 2024 changes these defaults; what the file itself says stands. */
const edition2024: Implied = [
  [system.bootLocation, 'modules'],
  [system.tmpIsDir, true],
];

/** A tree that never boots has these values, whatever the file says. */
const containerTree: Implied = [
  [system.bootLocation, 'modules'],
  [system.selinux, false],
  [system.tmpIsDir, true],
  [users.preservePasswd, false],
  [users.checkPasswd, { type: 'none' }],
  [users.checkGroups, { type: 'none' }],
];

/** Sets what `container` and `edition` of a file imply; each value has the place of the key that implies it. */
export function setImplied({ values }: Layer, problems: Problems): void {
  const container = values.scalar(system.container);
  if (container?.value === true) {
    for (const [key, value] of containerTree) {
      const own = values.scalar(key);
      if (own !== undefined)
        problems.warning('no-effect', `"${key.name}" has no effect with container: true`, own.span);
      values.scalars.set(key.name, { ...container, value });
    }
  }
  const written = values.scalar(edition);
  if (written?.value !== '2024') return;
  for (const [key, value] of edition2024) {
    if (!values.has(key as ScalarKey<unknown>)) values.scalars.set(key.name, { ...written, value });
  }
}

/** A treefile written inline is merged as it is, so that these keys imply nothing there. */
export function warnNothingImplied({ values }: Layer, problems: Problems): void {
  for (const key of [edition, system.container]) {
    const written = values.scalar(key as ScalarKey<unknown>);
    if (written === undefined || written.value === key.default) continue;
    const hint = 'put it into a file of its own';
    problems.warning('no-effect', `"${key.name}" sets no other keys in a treefile written inline`, written.span, hint);
  }
}
