// A network card whose frames take a way round through this process, where they are delayed and lost. Works with any back end of
// QEMU and can be put in and taken out while the guest runs: filter-redirector of qemu(1), one for each direction.

import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { netdevId } from '../argv/network.ts';
import { createImpairer, type Impairment, readPackets } from '../network-switch.ts';
import type { Qmp } from '../qmp.ts';
import { socketPath } from '../socket-path.ts';
import { seededRandom } from './random.ts';

export interface ImpairedCard {
  /** From now on, each frame takes so much longer. */
  delay(delayMs: number): void;
  /** From now on, this share of the frames (0 to 1) is lost; the seed decides which. */
  lose(share: number, seed: string): void;
  /** Lets the frames go straight again; those that are on their way are lost. */
  remove(): Promise<void>;
}

/** As QEMU names them, seen from the back end: `rx` is what the guest sends. */
const directions = ['rx', 'tx'] as const;

/** @param folder work folder, for the sockets */
export async function impairCard(qmp: Qmp, card: number, folder: string): Promise<ImpairedCard> {
  let impairment: Impairment = { delayMs: 0, loss: 0 };
  let random = seededRandom('');
  const impairer = createImpairer(() => random.next());
  const change = (changes: Partial<Impairment>): void => {
    impairment = { ...impairment, ...changes };
    impairer.impair(impairment);
  };
  const undo: (() => Promise<unknown>)[] = [];
  const open = async (id: string): Promise<Socket> => {
    const path = socketPath(folder, `${id}.sock`);
    const address = { type: 'unix', data: { path } };
    await qmp.execute('chardev-add', {
      id,
      backend: { type: 'socket', data: { addr: address, server: true, wait: false } },
    });
    undo.push(
      () => rm(path, { force: true }),
      () => qmp.execute('chardev-remove', { id }),
    );
    const stream = connect(path);
    undo.push(async () => stream.destroy());
    await once(stream, 'connect');
    stream.on('error', () => {}); // QEMU has ended; its exit tells the story
    return stream;
  };
  for (const queue of directions) {
    const id = `impaired${card}-${queue}`;
    const [outdev, indev] = [`${id}-out`, `${id}-in`];
    const [from, to] = [await open(outdev), await open(indev)];
    let rest: Buffer = Buffer.alloc(0);
    from.on('data', (chunk: Buffer) => {
      const read = readPackets(Buffer.concat([rest, chunk]));
      rest = read.rest;
      for (const packet of read.packets) impairer.pass(() => to.writable && to.write(packet));
    });
    const filter = { 'qom-type': 'filter-redirector', id, netdev: netdevId(card), queue, indev, outdev };
    await qmp.execute('object-add', filter);
    undo.push(() => qmp.execute('object-del', { id }));
  }
  return {
    delay: (delayMs) => change({ delayMs }),
    lose: (share, seed) => {
      random = seededRandom(seed);
      change({ loss: share });
    },
    remove: async () => {
      for (const step of undo.reverse()) await step();
    },
  };
}
