// The sentence for a shared library that is not installed.

import { UserError } from '../../../lib/errors.ts';

export function missingLibrary(name: string, cause: unknown): UserError {
  const debian = name.startsWith('libsolvext') ? 'libsolvext1' : 'libsolv1';
  return new UserError('library-missing', `${name} cannot be loaded; it is needed to resolve packages`, {
    hint: `install the package ${debian} (Debian) or libsolv (Fedora)`,
    cause,
  });
}
