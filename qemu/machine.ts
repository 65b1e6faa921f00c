// The machine spec and the QEMU command line that it means. Pure: nothing here looks at the disk or starts anything.

import { isoBootIndex } from './argv/boot-order.ts';
import { diskArguments, type MachineDisk } from './argv/disks.ts';
import { type FirmwareFiles, firmwareArguments, platform } from './argv/firmware.ts';
import { type MachineNic, nicArguments } from './argv/network.ts';
import { escapeOption } from './argv/option.ts';

/** `uefi-secure` is UEFI with Secure Boot switched on and the keys enrolled that the distribution's OVMF ships. */
export const firmwares = ['bios', 'uefi', 'uefi-secure'] as const;
export type Firmware = (typeof firmwares)[number];
export type Accelerator = 'kvm' | 'tcg';

/** A systemd credential, given to the guest through SMBIOS; seen by systemd 252 and newer (systemd.system-credentials(7)). */
export interface Credential {
  readonly name: string;
  readonly content: string;
}

export interface DirectKernel {
  readonly kernel: string;
  readonly initrd: string | null;
  readonly commandLine: string;
}

/**
 * A folder of the host, read-only in the guest. `9p` shows it as it is at each moment: `mount -t 9p -o trans=virtio,ro TAG DIR` (kernel
 * module 9pnet_virtio). `disk` is a copy from the start of the machine for any guest: `mount -o ro /dev/disk/by-id/virtio-TAG DIR`.
 */
export interface HostFolder {
  /** Absolute path. */
  readonly folder: string;
  readonly tag: string;
  readonly as: '9p' | 'disk';
}

export interface MachineSpec {
  readonly firmware: Firmware;
  readonly accelerator: Accelerator;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Booted from in this order, after the network (a card with `pxe`) and the ISO image. */
  readonly disks: readonly MachineDisk[];
  /** Absolute path of an ISO 9660 image in the CD drive, or null. */
  readonly iso: string | null;
  readonly nics: readonly MachineNic[];
  /** Names of virtio-serial ports; the guest sees each as /dev/virtio-ports/NAME. */
  readonly ports: readonly string[];
  readonly credentials: readonly Credential[];
  /** Boots this kernel without firmware boot loader; null boots from the first disk. */
  readonly directKernel: DirectKernel | null;
  /** Adds the i6300esb watchdog, which resets the machine when the guest arms it and then hangs. */
  readonly watchdog: boolean;
  /** Ignition config (absolute path), read by guests with `ignition.platform.id=qemu`; null for none. */
  readonly ignition: string | null;
  /** Those by 9p; those on disks are among the disks. */
  readonly shares: readonly HostFolder[];
  /** Adds the memory balloon, by which the host takes memory back. */
  readonly balloon: boolean;
}

/** Files that belong to one run of a machine. */
export interface MachineFiles {
  readonly pidFile: string;
  /** A second monitor (QMP), for other commands. */
  readonly monitorSocket: string;
  /** Where the screen is shown by VNC; null for nowhere. */
  readonly vncSocket: string | null;
  /** null for BIOS. */
  readonly uefi: FirmwareFiles | null;
  /** Control socket of this machine's swtpm; null without a TPM. */
  readonly tpmSocket: string | null;
}

/** File descriptors that QEMU inherits, each one end of a socket pair: no socket files, and an end of ours closes with us. */
export const qmpDescriptor = 3;
export const serialDescriptor = 4;
/** SeaBIOS tells here what it does; its messages reach no serial port. */
export const firmwareDescriptor = 5;
export const firstPortDescriptor = 6;

/** The whole command line: program and arguments. */
export function qemuArgv(spec: MachineSpec, files: MachineFiles): string[] {
  return [
    'qemu-system-x86_64',
    '-nodefaults',
    '-no-user-config',
    ...['-display', 'none'],
    ...['-machine', platform(spec.firmware)],
    ...acceleratorArguments(spec.accelerator, spec.cpus),
    ...['-smp', String(spec.cpus)],
    ...['-m', String(spec.memoryMiB)],
    ...['-pidfile', files.pidFile],
    ...['-chardev', `socket,id=qmp,fd=${qmpDescriptor}`],
    ...['-mon', 'chardev=qmp,mode=control'],
    ...['-chardev', `socket,id=monitor,server=on,wait=off,path=${escapeOption(files.monitorSocket)}`],
    ...['-mon', 'chardev=monitor,mode=control'],
    ...['-chardev', `socket,id=serial,fd=${serialDescriptor}`],
    ...['-serial', 'chardev:serial'],
    ...['-chardev', `socket,id=firmware,fd=${firmwareDescriptor}`],
    ...['-device', 'isa-debugcon,iobase=0x402,chardev=firmware'],
    ...['-device', 'virtio-rng-pci'],
    ...['-device', 'VGA'],
    ...(files.vncSocket === null ? [] : ['-vnc', `unix:${escapeOption(files.vncSocket)}`]),
    ...firmwareArguments(spec.firmware, files.uefi),
    ...tpmArguments(files.tpmSocket),
    ...directKernelArguments(spec.directKernel),
    ...isoArguments(spec.iso),
    ...diskArguments(spec.disks),
    ...nicArguments(spec.nics, firstPortDescriptor + spec.ports.length),
    ...portArguments(spec.ports),
    ...(spec.watchdog ? ['-device', 'i6300esb', '-action', 'watchdog=reset'] : []),
    ...(spec.balloon ? ['-device', 'virtio-balloon-pci,id=balloon'] : []),
    ...spec.shares.flatMap(shareArguments),
    ...(spec.ignition === null ? [] : ['-fw_cfg', `name=opt/com.coreos/config,file=${escapeOption(spec.ignition)}`]),
    ...spec.credentials.flatMap(credentialArguments),
  ];
}

/**
 * TCG: a bounded translation cache, and several virtual CPUs take turns on one thread. With a thread for each, QEMU 7.2 translates code
 * while another CPU writes it, and a guest that patches its static keys dies of "Oops: int3" now and then (seen;
 * newer releases lock such pages before they translate: remove when QEMU 8.1 is the oldest supported). `cx16=off`: QEMU 7.2 miscompiles cmpxchg16b, which
 * makes kernel 6.12 panic with a double fault in __kmalloc (seen; remove when QEMU 8.0 is the oldest supported).
 */
export function acceleratorArguments(accelerator: Accelerator, cpus: number): string[] {
  switch (accelerator) {
    case 'kvm':
      return ['-accel', 'kvm', '-cpu', 'host'];
    case 'tcg':
      return [...['-accel', `tcg,thread=${cpus === 1 ? 'multi' : 'single'},tb-size=256`], ...['-cpu', 'max,cx16=off']];
  }
}

function tpmArguments(socket: string | null): string[] {
  if (socket === null) return [];
  return [
    ...['-chardev', `socket,id=tpm,path=${escapeOption(socket)}`],
    ...['-tpmdev', 'emulator,id=tpm0,chardev=tpm'],
    ...['-device', 'tpm-crb,tpmdev=tpm0'],
  ];
}

function directKernelArguments(direct: DirectKernel | null): string[] {
  if (direct === null) return [];
  const initrd = direct.initrd === null ? [] : ['-initrd', direct.initrd];
  return ['-kernel', direct.kernel, ...initrd, '-append', direct.commandLine];
}

function isoArguments(iso: string | null): string[] {
  if (iso === null) return [];
  return [
    ...['-drive', `if=none,id=iso,media=cdrom,format=raw,readonly=on,file=${escapeOption(iso)}`],
    ...['-device', `ide-cd,drive=iso,bootindex=${isoBootIndex}`],
  ];
}

function portArguments(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const ports = names.flatMap((name, index) => [
    ...['-chardev', `socket,id=port${index},fd=${firstPortDescriptor + index}`],
    ...['-device', `virtserialport,chardev=port${index},name=${name}`],
  ]);
  return ['-device', 'virtio-serial-pci', ...ports];
}

function credentialArguments(credential: Credential): string[] {
  const value = `io.systemd.credential.binary:${credential.name}=${Buffer.from(credential.content).toString('base64')}`;
  return ['-smbios', `type=11,value=${escapeOption(value)}`];
}

function shareArguments({ folder, tag }: HostFolder): string[] {
  const path = escapeOption(folder);
  return ['-virtfs', `local,path=${path},mount_tag=${tag},security_model=none,readonly=on,multidevs=remap`];
}
