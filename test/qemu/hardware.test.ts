// Real QEMU with everything plugged in, and a guest that halts.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import test from 'ava';
import { Events } from '../../lib/events.ts';
import { multicastPlace } from '../../qemu/argv/network.ts';
import { startMachine } from '../../qemu/machine-run.ts';
import { createNetworkSwitch, readPackets } from '../../qemu/network-switch.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { haltingMachine } from './support/tiny-image.ts';

const tools = { events: new Events(), signal: new AbortController().signal };

test.serial('startMachine() plugs in every kind of hardware, and stop() ends the TPM too', async (t) => {
  const options = await haltingMachine(t);
  const folder = await temporaryFolder(t);
  const ignition = join(folder, 'host.ign');
  await writeFile(ignition, '{"ignition":{"version":"3.4.0"}}');
  const share = join(folder, 'share');
  await mkdir(share);
  const machine = await startMachine(
    {
      ...options,
      firmware: 'uefi-secure',
      hardware: {
        extraDisks: [
          { sizeMiB: 8, bus: 'nvme', serial: null },
          { sizeMiB: 8, bus: 'scsi', serial: 'second' },
        ],
        networks: [
          { type: 'named', name: `test-${process.pid}`, mac: '52:54:00:00:00:09' },
          { type: 'switch', network: createNetworkSwitch(() => 0) },
        ],
        tpm: true,
        iso: options.image,
        pxe: { folder: share, bootFile: 'boot.ipxe' },
        ignition,
        shares: [{ folder: share, tag: 'data', as: '9p' }],
        balloon: true,
        writeLog: true,
      },
    },
    tools,
  );
  t.teardown(() => machine.stop());
  const devices = await machine.qemu.qmp.human('info qtree');
  for (const device of ['nvme', 'scsi-hd', 'ide-cd', 'virtio-9p-pci', 'virtio-balloon-pci']) {
    t.true(devices.includes(`dev: ${device}`), device);
  }
  t.regex(await machine.qemu.qmp.human('info block'), /disk-node0: .*blklogwrites/);
  t.regex(await machine.qemu.qmp.human('info tpm'), /type=emulator/);
  await machine.stop();
  t.false(existsSync(machine.folder));
});

test.serial('a switched card of QEMU and the switch understand each other', async (t) => {
  const options = await haltingMachine(t);
  const network = createNetworkSwitch(() => 0);
  const [listener, plugged] = [new PassThrough(), new PassThrough()];
  // What the switch writes to its member is what a second machine would hear.
  plugged.write = ((chunk: Buffer) => listener.push(chunk)) as typeof plugged.write;
  network.connect(plugged);
  const machine = await startMachine({ ...options, hardware: { networks: [{ type: 'switch', network }] } }, tools);
  t.teardown(() => machine.stop());
  const heard = once(listener, 'data') as Promise<[Buffer]>;
  await announce(machine.qemu.qmp.execute);
  const { packets } = readPackets((await heard)[0]);
  t.is(sourceOf(packets[0]!.subarray(4)), '525400510001');
});

test.serial('a shared card of QEMU reaches its multicast group without root', async (t) => {
  const options = await haltingMachine(t);
  const name = `test-${process.pid}`;
  const { group, port } = multicastPlace(name);
  const listener = createSocket({ type: 'udp4', reuseAddr: true });
  t.teardown(() => listener.close());
  listener.bind(port, group);
  await once(listener, 'listening');
  listener.addMembership(group, '127.0.0.1');
  const networks = [{ type: 'named', name, mac: '52:54:00:00:00:07' }] as const;
  const machine = await startMachine({ ...options, hardware: { networks } }, tools);
  t.teardown(() => machine.stop());
  const heard = once(listener, 'message') as Promise<[Buffer]>;
  await announce(machine.qemu.qmp.execute);
  t.is(sourceOf((await heard)[0]), '525400000007');
});

/** Lets QEMU send frames from its cards, as after a migration (QMP `announce-self`). */
async function announce(execute: (command: string, data: Record<string, unknown>) => Promise<unknown>): Promise<void> {
  await execute('announce-self', { initial: 50, max: 550, rounds: 5, step: 50 });
}

function sourceOf(frame: Buffer): string {
  return frame.subarray(6, 12).toString('hex');
}
