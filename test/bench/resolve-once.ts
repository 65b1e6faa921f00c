// The resolver alone, as a process: `resolve-once.ts TREEFILE CACHE` resolves what the treefile asks for, without the command line around it.

import { join } from 'node:path';
import { startSolverEarly } from '../../compose/resolve/solv/solver-process.ts';

const [treefileFile = '', cacheDir = ''] = process.argv.slice(2);
startSolverEarly(join(cacheDir, 'solv')); // as `slipway compose tree` does
const [{ resolveRequestOf }, { resolvePackages }, { loadTreefile }, { Events }] = await Promise.all([
  import('../../compose/resolve/request.ts'),
  import('../../compose/resolve/resolve.ts'),
  import('../../compose/treefile/load.ts'),
  import('../../lib/events.ts'),
]);
const { treefile } = await loadTreefile(treefileFile);
const tools = { events: new Events(), signal: new AbortController().signal };
const lock = await resolvePackages(resolveRequestOf(treefile, cacheDir), tools);
console.log(lock.packages.length);
