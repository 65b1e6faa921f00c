// A mini distribution's packages as rpm itself installs them, the oracle of what a compose does in its place.

import { join } from 'node:path';
import { installationOrder } from '../../compose/packages/order.ts';
import { readPackage } from '../../compose/packages/package.ts';
import { Events } from '../../lib/events.ts';
import { runInNamespace } from '../../lib/namespace.ts';
import { type RpmSpec, rpmFileName } from '../../lib/rpm/write.ts';
import type { RpmInstallInput } from '../support/rpm-install.ts';
import { basePackage, type MiniPackage } from './mini-distribution.ts';

/**
 * @param folder of a mini distribution that publishes `packages`
 * @returns the root
 */
export async function installedByRpm(folder: string, packages: readonly MiniPackage[]): Promise<string> {
  const read = [basePackage, ...packages].map((each) => {
    const spec: RpmSpec = { version: '1', release: '1', arch: 'noarch', ...each };
    const name = rpmFileName(spec);
    return readPackage({ nevra: name, digest: '', path: join(folder, 'rpms', name) });
  });
  const paths = installationOrder(await Promise.all(read)).map(({ path }) => path);
  const root = join(folder, 'by-rpm');
  const installer = new URL('../support/rpm-install.ts', import.meta.url);
  const tools = { events: new Events(), signal: new AbortController().signal };
  await runInNamespace<RpmInstallInput, void>(installer, { root, packages: paths }, tools);
  return root;
}
