// Stands in for the solver's child: says what it does, then dies by SIGSEGV, as a fault in libsolv makes it.

import { receive, send } from '../../../../compose/resolve/solv/parent-line.ts';

receive();
send({ type: 'stage', stage: 'reading', repo: 'rawhide' });
process.kill(process.pid, 'SIGSEGV');
