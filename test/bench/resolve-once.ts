// The resolver alone, as a process: `resolve-once.ts TREEFILE CACHE` resolves what the treefile asks for, without the command line around it.

import { resolveRequestOf } from '../../compose/resolve/request.ts';
import { resolvePackages } from '../../compose/resolve/resolve.ts';
import { loadTreefile } from '../../compose/treefile/load.ts';
import { Events } from '../../lib/events.ts';

const [treefileFile = '', cacheDir = ''] = process.argv.slice(2);
const { treefile } = await loadTreefile(treefileFile);
const tools = { events: new Events(), signal: new AbortController().signal };
const lock = await resolvePackages(resolveRequestOf(treefile, cacheDir), tools);
console.log(lock.packages.length);
