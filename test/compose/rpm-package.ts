// The build machine's rpm with all that it needs, as a package of a mini distribution.

import type { RpmFile } from '../../lib/rpm/spec.ts';
import { run } from '../../lib/run.ts';
import type { MiniPackage } from './mini-distribution.ts';

/** @param database where it looks for packages */
export async function rpmPackage(database = '/usr/lib/sysimage/rpm'): Promise<MiniPackage> {
  const { stdout } = await run(['ldd', '/usr/bin/rpm']);
  const libraries = [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(/gm)].map(([, path = '']) => path);
  const found = await run([
    'find',
    '/usr/lib/rpm',
    '-name',
    'rpmrc',
    '-o',
    '-name',
    'macros',
    '-o',
    '-name',
    'rpmpopt*',
  ]);
  const files = ['/usr/bin/rpm', ...libraries, ...found.stdout.trim().split('\n')].map(
    (path): RpmFile => ({
      ...{ type: 'file', path: path.replace(/^\/lib/, '/usr/lib'), mode: 0o755, content: { fromFile: path } },
    }),
  );
  const setting: RpmFile = {
    type: 'file',
    path: '/usr/lib/rpm/macros.d/macros.database',
    content: `%_dbpath ${database}\n`,
  };
  return { name: 'rpm', files: [...files, setting] };
}
