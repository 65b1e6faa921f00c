// What a caller asks of a machine -> the machine spec, with the files that it names made in the work folder.

import { randomBytes } from 'node:crypto';
import { agentPort } from './agent.ts';
import type { MachineNic } from './argv/network.ts';
import { guestUnitCredentials, sshKeyCredential, stuckAfterCredential } from './credentials.ts';
import { existingFile, prepareDisk, prepareExtraDisks } from './disk-files.ts';
import { type Hardware, type MachineNetwork, plainHardware } from './hardware.ts';
import type { DirectKernel, HostFolder, MachineSpec } from './machine.ts';
import type { MachineOptions } from './machine-run.ts';
import { makeShareDisk } from './share-disk.ts';
import type { SshKey } from './ssh.ts';
import { verdictPort } from './verdict.ts';

/** Makes the disks in `folder` and says the whole machine. @throws UserError `image-missing`, `image-format`, `file-missing`, `write-log-bus`. */
export async function machineSpec(
  options: MachineOptions,
  sshKey: SshKey,
  folder: string,
  signal: AbortSignal,
): Promise<MachineSpec> {
  const hardware: Hardware = { ...plainHardware, ...options.hardware };
  const { persist } = options;
  const { isolated } = hardware;
  const pxe = hardware.pxe === null ? null : { ...hardware.pxe, folder: await existingFile(hardware.pxe.folder) };
  const forwards = [
    ...[22, ...options.guestPorts].map((guestPort) => ({ guestPort, hostPort: 0 })),
    ...(options.fixedPorts ?? []),
  ];
  const { writeLog } = hardware;
  const left = options.leftBehind?.disks.slice(1) ?? null;
  const disk = await prepareDisk(
    options.image,
    folder,
    { persist, bus: hardware.diskBus, serial: hardware.diskSerial, atLeastMiB: hardware.diskAtLeastMiB, writeLog },
    signal,
  );
  const extraDisks = await prepareExtraDisks(hardware.extraDisks, folder, { writeLog, left }, signal);
  const shares = await Promise.all(
    hardware.shares.map(async (share): Promise<HostFolder> => ({ ...share, folder: await existingFile(share.folder) })),
  );
  const onDisks = shares.filter((share) => share.as === 'disk');
  const shareDisks = await Promise.all(onDisks.map((share) => makeShareDisk(share, folder, signal)));
  return {
    firmware: options.firmware,
    accelerator: options.accelerator,
    memoryMiB: options.memoryMiB,
    cpus: options.cpus,
    disks: [disk, ...extraDisks, ...shareDisks],
    iso: hardware.iso === null ? null : await existingFile(hardware.iso),
    nics: [{ type: 'user', forwards, pxe, isolated }, ...hardware.networks.map((one) => networkCard(one, isolated))],
    ports: [verdictPort, agentPort],
    credentials: [
      sshKeyCredential(sshKey.publicKey, !persist),
      ...guestUnitCredentials(),
      ...stuckAfterCredential(options.stuckAfterSeconds),
      ...options.credentials,
    ],
    directKernel: options.directKernel === null ? null : await existingKernel(options.directKernel),
    watchdog: options.watchdog,
    ignition: hardware.ignition === null ? null : await existingFile(hardware.ignition),
    shares: shares.filter((share) => share.as === '9p'),
    balloon: hardware.balloon,
  };
}

function networkCard(network: MachineNetwork, isolated: boolean): MachineNic {
  switch (network.type) {
    case 'named':
      return { type: 'shared', network: network.name, mac: network.mac ?? chanceMac() };
    case 'switch':
      return { type: 'switched', mac: network.network.nextMac() };
    case 'outward':
      return { type: 'user', forwards: [], pxe: null, isolated };
  }
}

async function existingKernel(direct: DirectKernel): Promise<DirectKernel> {
  return {
    ...direct,
    kernel: await existingFile(direct.kernel),
    initrd: direct.initrd === null ? null : await existingFile(direct.initrd),
  };
}

// Locally administered (the second bit of the first byte), with the prefix that QEMU uses.
function chanceMac(): string {
  return `52:54:00:${randomBytes(3)
    .toString('hex')
    .replace(/..(?=.)/g, '$&:')}`;
}
