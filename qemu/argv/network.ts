// The arguments for network cards. Pure. None of the networks needs root.

import { createHash } from 'node:crypto';
import { networkBootIndex } from './boot-order.ts';
import { escapeOption } from './option.ts';

export interface PortForward {
  readonly guestPort: number;
  /** On 127.0.0.1; 0 lets QEMU bind a free one, which `QemuProcess.forwardedPorts()` tells. */
  readonly hostPort: number;
}

/** What the network card boots: QEMU serves the folder by TFTP and names the file by DHCP. */
export interface NetworkBoot {
  /** Absolute path. */
  readonly folder: string;
  /** Relative to the folder. */
  readonly bootFile: string;
}

/** QEMU's own network: the guest reaches out through the host, and in by forwarded ports. */
export interface UserNic {
  readonly type: 'user';
  readonly forwards: readonly PortForward[];
  readonly pxe: NetworkBoot | null;
  /** Nothing leads out, and the host answers only on forwarded ports. */
  readonly isolated: boolean;
}

/** A network of machines of this process, joined by qemu/network-switch.ts over an inherited descriptor. */
export interface SwitchedNic {
  readonly type: 'switched';
  readonly mac: string;
}

/** A network of machines of this host, by name: also machines of other processes. */
export interface SharedNic {
  readonly type: 'shared';
  readonly network: string;
  readonly mac: string;
}

export type MachineNic = UserNic | SwitchedNic | SharedNic;

/** Id of the back end of a network card, for QMP. */
export function netdevId(index: number): string {
  return `net${index}`;
}

/** @param firstDescriptor of the switched cards, which take one each, in their order */
export function nicArguments(nics: readonly MachineNic[], firstDescriptor: number): string[] {
  let descriptor = firstDescriptor;
  return nics.flatMap((nic, index) => {
    const id = netdevId(index);
    const netdev = nic.type === 'switched' ? `socket,id=${id},fd=${descriptor++}` : namedNetdev(nic, index);
    return ['-netdev', netdev, '-device', deviceArgument(nic, index)];
  });
}

/**
 * The multicast group and port of a shared network, from the hash of its name: administratively scoped (RFC 2365), and QEMU
 * sends only over the loopback interface.
 */
export function multicastPlace(network: string): { group: string; port: number } {
  const hash = createHash('sha256').update(network).digest();
  return { group: `239.255.${hash[0]}.${hash[1]}`, port: 20_000 + (hash.readUInt16BE(2) % 10_000) };
}

function namedNetdev(nic: UserNic | SharedNic, index: number): string {
  const id = netdevId(index);
  if (nic.type === 'shared') {
    const { group, port } = multicastPlace(nic.network);
    return `socket,id=${id},mcast=${group}:${port},localaddr=127.0.0.1`;
  }
  const boot =
    nic.pxe === null ? [] : [`tftp=${escapeOption(nic.pxe.folder)}`, `bootfile=${escapeOption(nic.pxe.bootFile)}`];
  const forwards = nic.forwards.map((forward) => `hostfwd=tcp:127.0.0.1:${forward.hostPort}-:${forward.guestPort}`);
  // The first is QEMU's own 10.0.2.0/24; a second card in the same network would get the same address.
  const network = index === 0 ? [] : [`net=10.0.${2 + index}.0/24`];
  const restrict = nic.isolated ? ['restrict=on'] : [];
  return ['user', `id=${id}`, ...network, ...restrict, ...boot, ...forwards].join(',');
}

// romfile= is empty where nothing is booted: no PXE option ROM, which would only cost boot time.
function deviceArgument(nic: MachineNic, index: number): string {
  const netdev = `virtio-net-pci,netdev=${netdevId(index)}`;
  if (nic.type !== 'user') return `${netdev},mac=${nic.mac},romfile=`;
  return nic.pxe === null ? `${netdev},romfile=` : `${netdev},bootindex=${networkBootIndex}`;
}
