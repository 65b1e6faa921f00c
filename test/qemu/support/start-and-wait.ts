// A harness to be killed by a test: does what the first word of its command line says with the machine whose options (JSON) are
// the second, prints QEMU's pid and waits.

import { Events } from '../../../lib/events.ts';
import { openImage } from '../../../qemu/faults/nbd.ts';
import { type MachineOptions, startMachine } from '../../../qemu/machine-run.ts';
import { freezeMachine, resumeMachine, startFreezable } from '../../../qemu/suite/snapshot/freeze.ts';

/** `run` a machine; `freeze` one and run another from it; `run-and-write`: besides, hold an image open as a power cut does. */
export type HarnessWork = 'run' | 'freeze' | 'run-and-write';

const tools = { events: new Events(), signal: new AbortController().signal };

async function start(work: HarnessWork, options: MachineOptions): Promise<number> {
  switch (work) {
    case 'run':
      return (await startMachine(options, tools)).qemu.pid;
    case 'freeze':
      return (await resumeMachine(await freezeMachine(await startFreezable(options, tools)), {}, tools)).qemu.pid;
    case 'run-and-write': {
      const { folder, qemu } = await startMachine({ ...options, hardware: { writeLog: true } }, tools);
      await qemu.kill();
      await openImage(`${folder}/overlay.qcow2`, `${folder}/nbd.sock`, tools.signal);
      return qemu.pid;
    }
  }
}

const [work, options] = process.argv.slice(2);
console.log(await start(work as HarnessWork, JSON.parse(options!)));
setInterval(() => {}, 60_000);
