// Stands in for the solver's child: asks for metadata that cannot be had.

import { receive, send } from '../../../../compose/resolve/solv/parent-line.ts';

receive();
send({ type: 'need', repo: 'rawhide', record: 'primary' });
receive();
