// A harness to be killed by a test: starts the machine whose options (JSON) are named on its command line, prints QEMU's pid and waits.

import { Events } from '../../../lib/events.ts';
import { type MachineOptions, startMachine } from '../../../qemu/machine-run.ts';

const options = JSON.parse(process.argv[2]!) as MachineOptions;
const machine = await startMachine(options, { events: new Events(), signal: new AbortController().signal });
console.log(machine.qemu.pid);
setInterval(() => {}, 60_000);
