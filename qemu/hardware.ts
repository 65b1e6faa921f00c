// What a machine has besides processor, memory and the disk that it boots: everything that most machines do without.

import type { DiskBus } from './argv/disks.ts';
import type { NetworkBoot } from './argv/network.ts';
import type { HostFolder } from './machine.ts';
import type { NetworkSwitch } from './network-switch.ts';

/** An empty disk that is made for the machine and thrown away with it. */
export interface ExtraDisk {
  readonly sizeMiB: number;
  readonly bus: DiskBus;
  readonly serial: string | null;
  /** Absolute path of a qcow2 file that it is a copy-on-write copy of; without it, it is empty. */
  readonly backing?: string;
}

/**
 * `mac` null is an address by chance. `named` networks also reach machines of other processes of this host; `switch` ones can be delayed and cut;
 * an `outward` one leads out through the host, as the first card does.
 */
export type MachineNetwork =
  | { readonly type: 'named'; readonly name: string; readonly mac: string | null }
  | { readonly type: 'switch'; readonly network: NetworkSwitch }
  | { readonly type: 'outward' };

export interface Hardware {
  /** Of the disk that is booted. */
  readonly diskBus: DiskBus;
  readonly diskSerial: string | null;
  /** The disk that is booted is made so large; 0 leaves it the size of the image. */
  readonly diskAtLeastMiB: number;
  readonly extraDisks: readonly ExtraDisk[];
  /** Besides the first network card, which leads out through the host. */
  readonly networks: readonly MachineNetwork[];
  /** The cards that lead out lead nowhere: only ports that the host forwards reach the guest. */
  readonly isolated: boolean;
  /** A TPM 2.0 with an empty state, by swtpm. */
  readonly tpm: boolean;
  /** ISO image to boot before the disk. */
  readonly iso: string | null;
  /** UEFI variables (raw, of the size that the firmware wants) to begin with instead of the distribution's, e.g. with keys of one's own. */
  readonly uefiVariables: string | null;
  /** Boots over the network before anything else. */
  readonly pxe: NetworkBoot | null;
  /** File with an Ignition config. */
  readonly ignition: string | null;
  readonly shares: readonly HostFolder[];
  readonly balloon: boolean;
  /** Logs what the guest writes and flushes, so that powerCut() can tell what survives. Costs disk space: every write is kept. */
  readonly writeLog: boolean;
}

export const plainHardware: Hardware = {
  diskBus: 'virtio',
  diskSerial: null,
  diskAtLeastMiB: 0,
  extraDisks: [],
  networks: [],
  isolated: false,
  tpm: false,
  iso: null,
  uefiVariables: null,
  pxe: null,
  ignition: null,
  shares: [],
  balloon: false,
  writeLog: false,
};
