// A program of tests: its thread, whose calls nobody lets go on, counts the processors as V8's locks do.

import { closeSync } from 'node:fs';
import { architectureOf } from '../../../../../compose/rootfs/trace/calls.ts';
import { traceThisThread } from '../../../../../compose/rootfs/trace/seccomp.ts';
import { koffi } from '../../../../../lib/koffi.ts';

const count = koffi.load(null).func('int _ZN4absl13base_internal7NumCPUsEv()');
const { listener } = traceThisThread(architectureOf(process.arch)!);
const processors = count() as number;
closeSync(listener); // from here on calls fail instead
process.stdout.write(`${processors}\n`);
