// What the firmware boots, with real QEMU: a CD, the network, and under Secure Boot only what is signed.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { bootSectorDisk, bootSectorGreeting } from '../../qemu/boot-sector.ts';
import { findUefiFirmware } from '../../qemu/firmware.ts';
import { type Machine, type MachineOptions, machineDefaults, startMachine } from '../../qemu/machine-run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { elTorito } from './support/el-torito.ts';

const tools = { events: new Events(), signal: new AbortController().signal };
/** Generous: SMM and iPXE are slow under TCG on a busy host. What is waited for is an event. */
const limitMs = 240_000;

interface EmptyMachine {
  readonly folder: string;
  readonly options: MachineOptions;
}

/** Options of a machine whose disk holds nothing; the cache folder is a temporary one until the test ends. */
async function emptyMachine(t: ExecutionContext): Promise<EmptyMachine> {
  t.timeout(limitMs + 30_000);
  const folder = await temporaryFolder(t);
  const image = join(folder, 'image.raw');
  await writeFile(image, new Uint8Array(1024 * 1024));
  process.env.SLIPWAY_CACHE = join(folder, 'cache');
  t.teardown(() => delete process.env.SLIPWAY_CACHE);
  return { folder, options: { ...machineDefaults, image, firmware: 'bios', accelerator: 'tcg', memoryMiB: 64 } };
}

async function started(t: ExecutionContext, options: MachineOptions): Promise<Machine> {
  const machine = await startMachine(options, tools);
  t.teardown(() => machine.stop());
  return machine;
}

async function says(t: ExecutionContext, machine: Machine, words: string): Promise<void> {
  const said = (): string[] => machine.console.lines().map(({ text }) => text);
  for (const deadline = performance.now() + limitMs; performance.now() < deadline; await sleep(50)) {
    if (said().some((line) => line.includes(words))) break;
  }
  t.true(
    said().some((line) => line.includes(words)),
    `"${words}" is not among:\n${said().join('\n')}`,
  );
}

const greeting = bootSectorGreeting.trim();

test.serial('a machine boots an ISO image before its disk', async (t) => {
  const { folder, options } = await emptyMachine(t);
  const iso = join(folder, 'live.iso');
  await writeFile(iso, elTorito(bootSectorDisk().subarray(0, 512)));
  await says(t, await started(t, { ...options, hardware: { iso } }), greeting);
});

test.serial('a machine boots over the network what its TFTP folder holds', async (t) => {
  const { folder, options } = await emptyMachine(t);
  const tftp = join(folder, 'tftp');
  await mkdir(tftp);
  await writeFile(join(tftp, 'boot.bin'), bootSectorDisk().subarray(0, 512));
  await says(t, await started(t, { ...options, hardware: { pxe: { folder: tftp, bootFile: 'boot.bin' } } }), greeting);
});

/** A disk with one FAT file system and an unsigned boot loader that says a word. */
async function unsignedImage(folder: string): Promise<string> {
  const [config, loader, image] = ['grub.cfg', 'loader.efi', 'esp.raw'].map((name) => join(folder, name));
  await writeFile(config!, 'terminal_output console\necho unsigned and running\n');
  const modules = ['echo', 'terminal', 'efi_gop'];
  await run([
    'grub-mkimage',
    '--format',
    'x86_64-efi',
    '--prefix',
    '/',
    '--config',
    config!,
    '--output',
    loader!,
    ...modules,
  ]);
  await writeFile(image!, new Uint8Array(8 * 1024 * 1024));
  await run(['mkfs.vfat', image!]);
  await run(['mmd', '-i', image!, '::/EFI', '::/EFI/BOOT']);
  await run(['mcopy', '-i', image!, loader!, '::/EFI/BOOT/BOOTX64.EFI']);
  return image!;
}

test.serial('Secure Boot refuses an unsigned boot loader, and the boot fails with a remedy', async (t) => {
  const failedBoot = async (): Promise<Error> => {
    const { folder, options } = await emptyMachine(t);
    const image = await unsignedImage(folder);
    const machine = await started(t, { ...options, image, firmware: 'uefi-secure', memoryMiB: 256 });
    return (await t.throwsAsync(machine.waitForBoot({ timeoutMs: limitMs })))!;
  };
  let error = await failedBoot();
  // On a busy machine a part of what the firmware says can be missing on the console, its reason too (seen once, with QEMU 7.2): it is asked again.
  for (let tries = 1; tries < 3 && error.message.includes('nothing-bootable'); tries++) error = await failedBoot();
  t.regex(
    error.message,
    /^the boot failed in the firmware \(secure-boot-denied: BdsDxe: failed to load Boot\w+ .*: (?:Access Denied|Security Violation)\)/,
  );
  t.like(error, {
    hint: 'sign the boot loader with a key that the firmware knows (machine key `uefi-variables`), or boot with --firmware uefi',
  });
});

test.serial('own UEFI variables, here without keys, decide what Secure Boot lets through', async (t) => {
  const { folder, options } = await emptyMachine(t);
  const image = await unsignedImage(folder);
  const { variables: uefiVariables } = await findUefiFirmware('uefi');
  const secure = { ...options, image, firmware: 'uefi-secure', memoryMiB: 256 } as const;
  await says(t, await started(t, { ...secure, hardware: { uefiVariables } }), 'unsigned and running');
});

test.serial('own UEFI variables of another size, or for BIOS, are refused', async (t) => {
  const { folder, options } = await emptyMachine(t);
  const uefiVariables = join(folder, 'keys.fd');
  await writeFile(uefiVariables, 'short');
  const hardware = { uefiVariables };
  await t.throwsAsync(startMachine({ ...options, firmware: 'uefi', hardware }, tools), {
    code: 'variables-size',
    message: /keys\.fd has 5 bytes, and the UEFI firmware here wants \d+$/,
  });
  await t.throwsAsync(startMachine({ ...options, hardware }, tools), {
    message: `a machine with BIOS has no use for the UEFI variables ${uefiVariables}`,
  });
});
