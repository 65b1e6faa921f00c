// The machine spec and the QEMU command line that it means. Pure: nothing here looks at the disk or starts anything.

export type Firmware = 'bios' | 'uefi';
export type Accelerator = 'kvm' | 'tcg';

export interface MachineDisk {
  /** Absolute path of the file that QEMU opens. */
  readonly file: string;
  readonly format: 'raw' | 'qcow2';
  /** `unsafe` ignores flushes (fast, for throw-away overlays); `none` keeps exactly what the guest flushed (power cuts, --persist). */
  readonly cache: 'unsafe' | 'writeback' | 'none';
  readonly readonly: boolean;
}

export interface PortForward {
  readonly guestPort: number;
  /** On 127.0.0.1; 0 lets QEMU bind a free one, which `QemuProcess.forwardedPorts()` tells. */
  readonly hostPort: number;
}

export interface MachineNic {
  readonly forwards: readonly PortForward[];
}

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

export interface MachineSpec {
  readonly firmware: Firmware;
  readonly accelerator: Accelerator;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** The first one is booted from. */
  readonly disks: readonly MachineDisk[];
  readonly nics: readonly MachineNic[];
  /** Names of virtio-serial ports; the guest sees each as /dev/virtio-ports/NAME. */
  readonly ports: readonly string[];
  readonly credentials: readonly Credential[];
  /** Boots this kernel without firmware boot loader; null boots from the first disk. */
  readonly directKernel: DirectKernel | null;
  /** Adds the i6300esb watchdog, which resets the machine when the guest arms it and then hangs. */
  readonly watchdog: boolean;
}

/** Files that belong to one run of a machine. */
export interface MachineFiles {
  readonly pidFile: string;
  /** OVMF code and this machine's own copy of the variables (qcow2, so that snapshots work); null for BIOS. */
  readonly uefi: { readonly code: string; readonly variables: string } | null;
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
    ...['-machine', 'q35'],
    ...acceleratorArguments(spec.accelerator),
    ...['-smp', String(spec.cpus)],
    ...['-m', String(spec.memoryMiB)],
    ...['-pidfile', files.pidFile],
    ...['-chardev', `socket,id=qmp,fd=${qmpDescriptor}`],
    ...['-mon', 'chardev=qmp,mode=control'],
    ...['-chardev', `socket,id=serial,fd=${serialDescriptor}`],
    ...['-serial', 'chardev:serial'],
    ...['-chardev', `socket,id=firmware,fd=${firmwareDescriptor}`],
    ...['-device', 'isa-debugcon,iobase=0x402,chardev=firmware'],
    ...['-device', 'virtio-rng-pci'],
    ...firmwareArguments(files.uefi),
    ...directKernelArguments(spec.directKernel),
    ...spec.disks.flatMap(diskArguments),
    ...spec.nics.flatMap(nicArguments),
    ...portArguments(spec.ports),
    ...(spec.watchdog ? ['-device', 'i6300esb', '-action', 'watchdog=reset'] : []),
    ...spec.credentials.flatMap(credentialArguments),
  ];
}

/**
 * TCG: one thread a virtual CPU and a bounded translation cache. `cx16=off`: QEMU 7.2 miscompiles cmpxchg16b, which makes kernel
 * 6.12 panic with a double fault in __kmalloc (seen; remove when QEMU 8.0 is the oldest supported).
 */
export function acceleratorArguments(accelerator: Accelerator): string[] {
  switch (accelerator) {
    case 'kvm':
      return ['-accel', 'kvm', '-cpu', 'host'];
    case 'tcg':
      return ['-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'max,cx16=off'];
  }
}

function firmwareArguments(uefi: MachineFiles['uefi']): string[] {
  if (uefi === null) return []; // SeaBIOS is QEMU's own default
  return [
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${escapeOption(uefi.code)}`],
    ...['-drive', `if=pflash,unit=1,format=qcow2,cache=unsafe,file=${escapeOption(uefi.variables)}`],
  ];
}

function directKernelArguments(direct: DirectKernel | null): string[] {
  if (direct === null) return [];
  const initrd = direct.initrd === null ? [] : ['-initrd', direct.initrd];
  return ['-kernel', direct.kernel, ...initrd, '-append', direct.commandLine];
}

function diskArguments(disk: MachineDisk, index: number): string[] {
  const readonly = disk.readonly ? ',readonly=on' : '';
  const file = escapeOption(disk.file);
  return [
    ...['-drive', `if=none,id=disk${index},format=${disk.format},cache=${disk.cache}${readonly},file=${file}`],
    // From 1: QEMU takes 0 for a kernel given with -kernel.
    ...['-device', `virtio-blk-pci,drive=disk${index},bootindex=${index + 1}`],
  ];
}

// romfile= is empty: no PXE option ROM, which would only cost boot time.
function nicArguments(nic: MachineNic, index: number): string[] {
  const forwards = nic.forwards.map((forward) => `,hostfwd=tcp:127.0.0.1:${forward.hostPort}-:${forward.guestPort}`);
  return [
    ...['-netdev', `user,id=net${index}${forwards.join('')}`],
    ...['-device', `virtio-net-pci,netdev=net${index},romfile=`],
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

// In QEMU's option lists a comma ends a value and a doubled one stands for itself.
function escapeOption(value: string): string {
  return value.replaceAll(',', ',,');
}
