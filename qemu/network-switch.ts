// A network between machines of this process, without root, ports or socket files: each machine's card is one end of a socket pair,
// over which QEMU sends each Ethernet frame behind its length (4 bytes, big-endian; `-netdev socket,fd=` of QEMU).

import type { Duplex } from 'node:stream';

export interface NetworkSwitch {
  /** A MAC address that no other machine on this network has. */
  nextMac(): string;
  /** Plugs a machine in; it is unplugged when the stream ends. */
  connect(stream: Duplex): void;
  /** From now on: how many milliseconds each frame takes, and the share of frames that are lost (0 to 1: 1 cuts the network). */
  impair(impairment: Impairment): void;
}

export interface Impairment {
  readonly delayMs: number;
  readonly loss: number;
}

/** Something on the way of frames that loses and delays them. */
export interface Impairer {
  impair(impairment: Impairment): void;
  /** Delivers a frame at its time, or never. */
  pass(deliver: () => void): void;
}

/** @param random from 0 to less than 1; decides which frames are lost */
export function createImpairer(random: () => number): Impairer {
  let impairment: Impairment = { delayMs: 0, loss: 0 };
  return {
    impair: (wanted) => {
      impairment = wanted;
    },
    pass: (deliver) => {
      if (impairment.loss > 0 && random() < impairment.loss) return;
      if (impairment.delayMs === 0) deliver();
      else setTimeout(deliver, impairment.delayMs).unref();
    },
  };
}

/** Frames larger than this mean that the stream is out of step (a virtio-net frame has at most 64 KiB and its headers). */
const largestFrame = 128 * 1024;

/**
 * A hub: every frame goes to all other machines.
 * @param random from 0 to less than 1; decides which frames are lost, so a seeded one gives the same losses for the same frames
 */
export function createNetworkSwitch(random: () => number): NetworkSwitch {
  const members = new Set<Duplex>();
  const impairer = createImpairer(random);
  let machines = 0;

  const deliver = (from: Duplex, packet: Buffer): void => {
    for (const member of members) if (member !== from && member.writable) member.write(packet);
  };

  return {
    nextMac: () => {
      machines++;
      return `52:54:00:51:${hexByte(machines >> 8)}:${hexByte(machines & 0xff)}`;
    },
    connect: (stream) => {
      members.add(stream);
      let rest: Buffer = Buffer.alloc(0);
      stream.on('data', (chunk: Buffer) => {
        const read = readPackets(Buffer.concat([rest, chunk]));
        rest = read.rest;
        for (const packet of read.packets) impairer.pass(() => deliver(stream, packet));
      });
      stream.on('close', () => members.delete(stream));
    },
    impair: impairer.impair,
  };
}

/** The whole packets (with their lengths) at the front of a stream's bytes, and what is left. @throws RangeError */
export function readPackets(bytes: Buffer): { packets: Buffer[]; rest: Buffer } {
  const packets: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= 4) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end - at > largestFrame) throw new RangeError(`a frame of ${end - at - 4} bytes cannot be`);
    if (end > bytes.length) break;
    packets.push(bytes.subarray(at, end));
    at = end;
  }
  return { packets, rest: bytes.subarray(at) };
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
