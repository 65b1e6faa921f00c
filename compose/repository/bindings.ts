// A commit may say which refs it belongs to (`ostree.ref-binding`); clients then refuse it under any other. Slipway's own commits do not
// bind themselves, so that they can be promoted.

import { UserError } from '../../lib/errors.ts';
import type { Commit } from './commit.ts';

/** @throws UserError `ref-binding` when hosts would refuse the commit under this ref */
export function checkRefBinding(
  { checksum, refBindings }: Pick<Commit, 'checksum' | 'refBindings'>,
  ref: string,
): void {
  if (refBindings.length === 0 || refBindings.includes(ref)) return;
  throw new UserError(
    'ref-binding',
    `${checksum} binds itself to ${refBindings.join(', ')}: hosts refuse it as ${ref}`,
    {
      hint: 'commits of `slipway compose tree` are not bound; one by other means needs `ostree commit --bind-ref` or --no-bindings',
    },
  );
}
