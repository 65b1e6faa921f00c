// Refuses packages that bring files where an OSTree host has no place for them, e.g. /data: the root of a host is read-only, and an update
// could not reach them. Found from headers alone.

import { UserError } from '../../lib/errors.ts';
import type { EnginePackage } from './package.ts';
import { isOutside } from './paths.ts';

/** They bring the root of a distribution as it is, places of their own included. */
const exempt = new Set(['filesystem', 'rootfiles']);

/** @throws UserError `path-outside` with every such package, and one path for each */
export function checkPaths(packages: readonly Pick<EnginePackage, 'name' | 'nevra' | 'files'>[]): void {
  const sentences = packages
    .filter(({ name }) => !exempt.has(name))
    .flatMap(({ nevra, files }) => {
      const outside = files.filter(({ path }) => isOutside(path));
      const [first] = outside;
      if (first === undefined) return [];
      const more = outside.length > 1 ? ` (and ${outside.length - 1} more paths)` : '';
      return [`${nevra} brings ${first.path}${more}, where an OSTree host has no place for it`];
    });
  if (sentences.length === 0) return;
  throw new UserError('path-outside', sentences.join('\n'), {
    hint: 'packages may bring files below /usr, /etc, /opt, /boot, /var and /run; exclude the package with exclude-packages',
  });
}
