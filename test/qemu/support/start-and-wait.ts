// A harness to be killed by a test: starts a machine from the image named on its command line, prints QEMU's pid and waits.

import { Events } from '../../../lib/events.ts';
import { machineDefaults, startMachine } from '../../../qemu/machine-run.ts';

const machine = await startMachine(
  { ...machineDefaults, image: process.argv[2]!, firmware: 'bios', accelerator: 'tcg', memoryMiB: 64, cpus: 1 },
  { events: new Events(), signal: new AbortController().signal },
);
console.log(machine.qemu.pid);
setInterval(() => {}, 60_000);
