import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Events } from '../../lib/events.ts';
import { findUefiFirmware } from '../../qemu/firmware.ts';
import { startMachine } from '../../qemu/machine-run.ts';
import { checkMemory, requireQemu } from '../../qemu/requirements.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { haltingMachine } from './support/tiny-image.ts';

const signal = new AbortController().signal;
const tools = { events: new Events(), signal };

/** Only this folder is looked through for programs, until the test ends. */
function onlyPath(t: ExecutionContext, folder: string): void {
  const { PATH } = process.env;
  process.env.PATH = folder;
  t.teardown(() => {
    process.env.PATH = PATH;
  });
}

/** A folder with a QEMU that only tells its version. */
async function qemuThatSays(t: ExecutionContext, version: string): Promise<string> {
  const folder = await mkdtemp(join(await temporaryFolder(t), 'bin-'));
  await writeFile(join(folder, 'qemu-system-x86_64'), `#!/bin/sh\necho "${version}"\n`, { mode: 0o755 });
  return folder;
}

const old: [version: string, message: string][] = [
  ['QEMU emulator version 6.2.0 (Debian 1:6.2+dfsg-2)', 'QEMU 6.2 is too old: machines need 7.1 or newer'],
  ['QEMU emulator version 7.0.0', 'QEMU 7.0 is too old: machines need 7.1 or newer'],
];
for (const [version, message] of old) {
  test.serial(`startMachine() refuses ${version}`, async (t) => {
    const options = await haltingMachine(t);
    onlyPath(t, await qemuThatSays(t, version));
    await t.throwsAsync(startMachine(options, tools), { code: 'qemu-old', message });
  });
}

for (const version of ['QEMU emulator version 7.1.0', 'QEMU emulator version 10.0.2 (qemu-10.0.2-1.fc42)', 'my own']) {
  test.serial(`requireQemu() takes ${version}`, async (t) => {
    onlyPath(t, await qemuThatSays(t, version));
    await t.notThrowsAsync(requireQemu(signal));
  });
}

test.serial('startMachine() names the package of a QEMU that is missing', async (t) => {
  const options = await haltingMachine(t);
  onlyPath(t, await temporaryFolder(t));
  const error = await t.throwsAsync(startMachine(options, tools));
  t.like(error, {
    code: 'tool-missing',
    message: 'qemu-system-x86_64 is not installed; it is needed to boot images',
    hint: 'install the package qemu-system-x86 ovmf (Debian) or qemu-system-x86-core edk2-ovmf (Fedora)',
  });
});

const meminfo = 'MemTotal:  8000000 kB\nMemAvailable:    2048000 kB\nSwapTotal:  1024000 kB\nSwapFree:   1024000 kB\n';
const gibibyte = 1024 ** 3;

test('checkMemory() says what is needed and what is free', (t) => {
  const short = (needed: number, limit: number): unknown => t.throws(() => checkMemory(needed, meminfo, limit));
  t.notThrows(() => checkMemory(3000, meminfo, 0));
  t.notThrows(() => checkMemory(3000, meminfo, 2 ** 63));
  t.like(short(3001, 0), {
    code: 'memory-short',
    message: 'the machine needs 3001 MiB of memory, and 3000 MiB are free here',
    hint: 'give it less with --memory, or end other programs',
  });
  t.like(short(1025, gibibyte), { message: 'the machine needs 1025 MiB of memory, and 1024 MiB are free here' });
});

test.serial('startMachine() refuses a machine that is larger than this host', async (t) => {
  const options = { ...(await haltingMachine(t)), memoryMiB: 64 * 1024 * 1024 };
  await t.throwsAsync(startMachine(options, tools), {
    message: /^the machine needs 67108864 MiB of memory, and \d+ MiB are free here$/,
  });
});

test('findUefiFirmware() names the package when no place has both files', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'CODE.fd'), '');
  const places = [{ code: join(folder, 'CODE.fd'), variables: join(folder, 'VARS.fd') }];
  const hint = 'install the package ovmf (Debian) or edk2-ovmf (Fedora), or boot with --firmware bios';
  const plain = await t.throwsAsync(findUefiFirmware('uefi', places));
  t.like(plain, { code: 'ovmf-missing', message: 'no UEFI firmware for QEMU (OVMF) is installed', hint });
  const secure = await t.throwsAsync(findUefiFirmware('uefi-secure', []));
  t.like(secure, { message: 'no UEFI firmware with Secure Boot for QEMU (OVMF) is installed', hint });
});

test.serial('startMachine() says which image is missing', async (t) => {
  const options = { ...(await haltingMachine(t)), image: '/nowhere/image.qcow2' };
  const error = await t.throwsAsync(startMachine(options, tools));
  t.like(error, { code: 'image-missing', message: 'there is no image /nowhere/image.qcow2' });
});

test.serial('startMachine() says which port is taken, and uses a free one', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const options = { ...(await haltingMachine(t)), fixedPorts: [{ hostPort: port, guestPort: 80 }] };
  const error = await t.throwsAsync(startMachine(options, tools));
  t.like(error, { code: 'port-taken', message: `port ${port} of 127.0.0.1 cannot be had for the machine` });
  await new Promise((resolve) => server.close(resolve));
  const machine = await startMachine(options, tools);
  t.teardown(() => machine.stop());
  t.is((await machine.qemu.forwardedPorts()).get(80), port);
});

test.serial('two machines at once get different free ports', async (t) => {
  const options = { ...(await haltingMachine(t)), guestPorts: [80] };
  const machines = await Promise.all([startMachine(options, tools), startMachine(options, tools)]);
  t.teardown(() => Promise.all(machines.map((machine) => machine.stop())));
  const ports = await Promise.all(machines.map(async ({ qemu }) => [...(await qemu.forwardedPorts()).values()]));
  t.is(new Set(ports.flat()).size, 4);
});
