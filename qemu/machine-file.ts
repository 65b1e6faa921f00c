// A machine as people write it (YAML, keys as in docs/boot-tests.md) -> options of a machine.

import { dirname, resolve } from 'node:path';
import { Problems } from '../compose/treefile/problems.ts';
import { readSource } from '../compose/treefile/source/read.ts';
import { type Located, listOf, located, mapOf, record } from '../compose/treefile/types/collections.ts';
import { count, either, flag, oneOf, text } from '../compose/treefile/types/scalars.ts';
import type { Hardware } from './hardware.ts';
import { type DirectKernel, firmwares } from './machine.ts';
import type { MachineOptions } from './machine-run.ts';
import { isPortWord, portsOf, portWords } from './port-words.ts';
import { longestSerial } from './share-disk.ts';

/** What the file says; what it leaves out is left out here. */
export type MachineFile = Partial<
  Pick<
    MachineOptions,
    | 'firmware'
    | 'memoryMiB'
    | 'cpus'
    | 'guestPorts'
    | 'fixedPorts'
    | 'watchdog'
    | 'credentials'
    | 'directKernel'
    | 'hardware'
  > & {
    /** Added to those of the image, which boots by its boot loader; see bootWithArguments(). */
    readonly kernelArguments: string;
  }
>;

export const smallestMemoryMiB = 16;
const mac = text({
  words: 'a MAC address such as "52:54:00:12:34:56"',
  refuse: (value) => {
    if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value)) return `"${value}" is not a MAC address`;
    return (Number.parseInt(value.slice(0, 2), 16) & 1) === 0 ? undefined : `"${value}" is a multicast address`;
  },
});
const tag = text({
  words: 'a tag of at most 31 letters, digits, - and _',
  refuse: (value) =>
    /^[\w-]{1,31}$/.test(value) ? undefined : `"${value}" is not a tag of at most 31 letters, digits, - and _`,
});
const port = either(count, text({ words: portWords }), (value) => typeof value === 'number');
const bus = oneOf(['virtio', 'nvme', 'scsi']);

const machine = record(
  'a machine',
  {
    firmware: { type: oneOf(firmwares), optional: true },
    memory: { type: located(count), optional: true },
    cpus: { type: located(count), optional: true },
    'uefi-variables': { type: text(), optional: true },
    'disk-bus': { type: bus, optional: true },
    'extra-disks': {
      type: listOf(
        record(
          'a disk with "size"',
          {
            size: { type: located(count) },
            bus: { type: bus, optional: true },
            serial: { type: text({ words: 'a serial number' }), optional: true },
          },
          'refuse',
        ),
      ),
      optional: true,
    },
    networks: {
      type: listOf(
        record('a network with "name"', { name: { type: text() }, mac: { type: mac, optional: true } }, 'refuse'),
      ),
      optional: true,
    },
    ports: { type: listOf(located(port), 'a list of TCP ports'), optional: true },
    boot: {
      type: located(
        record(
          'a mapping with "iso", "pxe" or "kernel"',
          {
            iso: { type: text(), optional: true },
            pxe: {
              type: record(
                'a mapping with "folder" and "file"',
                { folder: { type: text() }, file: { type: text() } },
                'refuse',
              ),
              optional: true,
            },
            kernel: { type: text(), optional: true },
            initrd: { type: text(), optional: true },
            arguments: { type: text({ words: 'the kernel arguments in one string' }), optional: true },
          },
          'refuse',
        ),
      ),
      optional: true,
    },
    'kernel-arguments': {
      type: located(text({ words: 'the kernel arguments in one string' })),
      optional: true,
    },
    ignition: { type: text(), optional: true },
    credentials: { type: mapOf(text()), optional: true },
    shares: {
      type: listOf(
        record(
          'a folder with "folder" and "tag"',
          {
            folder: { type: text() },
            tag: { type: located(tag) },
            as: { type: oneOf(['9p', 'disk']), optional: true },
          },
          'refuse',
        ),
      ),
      optional: true,
    },
    tpm: { type: flag, optional: true },
    watchdog: { type: flag, optional: true },
    balloon: { type: flag, optional: true },
  },
  'refuse',
);

type WrittenMachine = NonNullable<ReturnType<typeof machine.read>>;

/**
 * Reads a machine file; paths in it are relative to it.
 * @throws DiagnosticsError with all problems and their places
 */
export function readMachineFile(file: string): MachineFile {
  const problems = new Problems([], 'the value');
  const parsed = readSource(resolve(file), file, problems);
  const written = parsed === undefined ? undefined : machine.read(parsed.root, problems);
  if (written !== undefined) checkMachine(written, problems);
  problems.throwIfErrors();
  return machineFile(written!, dirname(resolve(file)));
}

function checkMachine(written: WrittenMachine, problems: Problems): void {
  const atLeast = (value: Located<number> | undefined, minimum: number, what: string): void => {
    if (value !== undefined && value.value < minimum) {
      problems.error('bad-value', `${what} must be at least ${minimum}`, value.span);
    }
  };
  atLeast(written.memory, smallestMemoryMiB, 'the memory in MiB');
  atLeast(written.cpus, 1, 'the number of virtual CPUs');
  for (const disk of written['extra-disks'] ?? []) atLeast(disk.size, 1, 'the size in MiB');
  for (const { value, span } of written.ports ?? []) {
    if (!isPortWord(String(value))) problems.error('bad-value', `${JSON.stringify(value)} is not ${portWords}`, span);
  }
  for (const { tag, as } of written.shares ?? []) {
    if (as !== 'disk' || tag.value.length <= longestSerial) continue;
    problems.error('bad-value', `the tag of a disk has at most ${longestSerial} letters`, tag.span);
  }
  const { boot, 'kernel-arguments': kernelArguments } = written;
  if (kernelArguments?.value.trim() === '') {
    problems.error('bad-value', 'needs at least one argument', kernelArguments.span);
  }
  if (boot === undefined) return;
  if (kernelArguments !== undefined) {
    problems.error('boot-source', 'is for an image that boots from its disk', kernelArguments.span, kernelHint);
  }
  const sources = (['iso', 'pxe', 'kernel'] as const).filter((source) => boot.value[source] !== undefined);
  if (sources.length !== 1) {
    problems.error(
      'boot-source',
      'must have one of "iso", "pxe" and "kernel"; without "boot" the disk is booted',
      boot.span,
    );
  }
  if (boot.value.kernel === undefined && (boot.value.initrd !== undefined || boot.value.arguments !== undefined)) {
    problems.error('boot-source', '"initrd" and "arguments" belong to "kernel"', boot.span, kernelHint);
  }
}

const kernelHint =
  '"arguments" of "boot" are those of its "kernel"; "kernel-arguments" are added to those of an image that boots from its disk';

function machineFile(written: WrittenMachine, folder: string): MachineFile {
  const path = (name: string): string => resolve(folder, name);
  const boot = written.boot?.value;
  const directKernel: DirectKernel | undefined =
    boot?.kernel === undefined
      ? undefined
      : {
          kernel: path(boot.kernel),
          initrd: boot.initrd === undefined ? null : path(boot.initrd),
          commandLine: boot.arguments ?? '',
        };
  const hardware = given<Hardware>({
    diskBus: written['disk-bus'],
    extraDisks: written['extra-disks']?.map((disk) => ({
      sizeMiB: disk.size.value,
      bus: disk.bus ?? 'virtio',
      serial: disk.serial ?? null,
    })),
    networks: written.networks?.map((network) => ({ type: 'named', name: network.name, mac: network.mac ?? null })),
    tpm: written.tpm,
    uefiVariables: written['uefi-variables'] === undefined ? undefined : path(written['uefi-variables']),
    iso: boot?.iso === undefined ? undefined : path(boot.iso),
    pxe: boot?.pxe === undefined ? undefined : { folder: path(boot.pxe.folder), bootFile: boot.pxe.file },
    ignition: written.ignition === undefined ? undefined : path(written.ignition),
    shares: written.shares?.map((share) => ({
      folder: path(share.folder),
      tag: share.tag.value,
      as: share.as ?? '9p',
    })),
    balloon: written.balloon,
  });
  const ports = written.ports === undefined ? undefined : portsOf(written.ports.map(({ value }) => String(value)));
  return given<Required<MachineFile>>({
    firmware: written.firmware,
    memoryMiB: written.memory?.value,
    cpus: written.cpus?.value,
    guestPorts: ports?.guestPorts,
    fixedPorts: ports?.fixedPorts,
    watchdog: written.watchdog,
    credentials: written.credentials && [...written.credentials].map(([name, content]) => ({ name, content })),
    directKernel,
    kernelArguments: written['kernel-arguments']?.value,
    hardware: Object.keys(hardware).length === 0 ? undefined : hardware,
  });
}

/** The members that have a value. */
function given<T extends object>(members: { [Key in keyof T]?: T[Key] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}
