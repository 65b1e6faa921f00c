// Work for runInNamespace(): rpm itself installs packages into an empty root, as the oracle of what we do in its place.

import { mkdir } from 'node:fs/promises';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';

export interface RpmInstallInput {
  /** Root to fill; made. */
  readonly root: string;
  /** Paths of RPMs, in the order in which rpm is to install them. */
  readonly packages: readonly string[];
}

export async function main({ root, packages }: RpmInstallInput, { signal }: WorkerTools): Promise<void> {
  await mkdir(root);
  const place = ['--root', root, '--dbpath', '/db', '--define', '_db_backend sqlite'];
  await run(['rpm', ...place, '--install', '--noorder', '--nodeps', '--nosignature', ...packages], { signal });
}
