// Stands in for the solver's child: never answers, as in a very long solve.

import { receive } from '../../../../compose/resolve/solv/parent-line.ts';

receive();
receive();
