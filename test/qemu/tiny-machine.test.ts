// Real QEMU with guests of one sector.

import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Events } from '../../lib/events.ts';
import { processStartTime } from '../../lib/process-start-time.ts';
import { bootTinyGuest, chosenAccelerator, probeAccelerator } from '../../qemu/accelerator.ts';
import { bootSectorDisk } from '../../qemu/boot-sector.ts';
import type { Hardware } from '../../qemu/hardware.ts';
import { type MachineOptions, machineDefaults, startMachine } from '../../qemu/machine-run.ts';
import { makeWorkFolder, pidFileName } from '../../qemu/work-folder.ts';
import { processesNaming } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { startHarness } from './support/harness.ts';
import type { HarnessWork } from './support/start-and-wait.ts';

const tools = { events: new Events(), signal: new AbortController().signal };

// A boot sector that only halts: `cli; hlt; jmp $-1`.
const haltingSector = [0xfa, 0xf4, 0xeb, 0xfd];

async function tinyImage(
  t: ExecutionContext,
  bootable: boolean,
): Promise<Pick<MachineOptions, 'image'> & { cache: string }> {
  const folder = await temporaryFolder(t);
  const disk = bootable ? bootSectorDisk() : new Uint8Array(1024 * 1024);
  if (bootable) disk.set(haltingSector);
  const image = join(folder, 'image.raw');
  await writeFile(image, disk);
  return { image, cache: join(folder, 'cache') };
}

function tinyOptions(image: string): MachineOptions {
  return { ...machineDefaults, image, firmware: 'bios', accelerator: 'tcg', memoryMiB: 64, cpus: 1 };
}

test.serial('bootTinyGuest() runs its guest to the end under TCG', async (t) => {
  t.is(await bootTinyGuest('tcg', tools.signal), '');
});

test.serial('probeAccelerator() remembers the verdict on KVM and gives the same again without a guest', async (t) => {
  const folder = await temporaryFolder(t);
  process.env.SLIPWAY_CACHE = folder;
  t.teardown(() => delete process.env.SLIPWAY_CACHE);
  const first = await probeAccelerator('auto', tools);
  const started: string[] = [];
  const events = new Events();
  events.listen((event) => event.type === 'step-start' && started.push(event.title));
  t.deepEqual(await probeAccelerator('auto', { ...tools, events }), first);
  t.deepEqual(started, []);
  t.is(first.accelerator === 'tcg', first.reason !== '');
});

test('chosenAccelerator() prefers the option to the environment and refuses other words', (t) => {
  t.is(chosenAccelerator('tcg', 'kvm'), 'tcg');
  t.is(chosenAccelerator(undefined, 'kvm'), 'kvm');
  t.is(chosenAccelerator(undefined, undefined), 'auto');
  t.throws(() => chosenAccelerator('hvf'), { message: 'there is no accelerator "hvf"' });
});

test.serial('startMachine() forwards ports that QEMU chose, and stop() leaves nothing', async (t) => {
  const { image, cache } = await tinyImage(t, true);
  process.env.SLIPWAY_CACHE = cache;
  t.teardown(() => delete process.env.SLIPWAY_CACHE);
  const machine = await startMachine({ ...tinyOptions(image), guestPorts: [80] }, tools);
  t.teardown(() => machine.stop());
  const ports = await machine.qemu.forwardedPorts();
  t.deepEqual([...ports.keys()].sort(), [22, 80]);
  const added = await machine.forward(443);
  t.is(new Set([...ports.values(), added]).size, 3);
  t.is(await machine.forward(443), added);
  await machine.stop();
  t.false(existsSync(`/proc/${machine.qemu.pid}`));
  t.deepEqual(await readdir(join(cache, 'machines')), []);
});

test.serial('startMachine() leaves nothing when the console file cannot be written', async (t) => {
  const { image, cache } = await tinyImage(t, true);
  process.env.SLIPWAY_CACHE = cache;
  t.teardown(() => delete process.env.SLIPWAY_CACHE);
  const commands: string[] = [];
  const events = new Events();
  events.listen((event) => event.type === 'command' && commands.push(event.command));
  const consoleFile = '/nowhere/console.log';
  await t.throwsAsync(startMachine({ ...tinyOptions(image), consoleFile }, { ...tools, events }), {
    code: 'console-file',
  });
  const pidFile = /-pidfile (\S+)/.exec(commands[0]!)![1]!;
  t.deepEqual(await readdir(join(cache, 'machines')), []);
  t.deepEqual(await processesNaming(pidFile), []);
});

test.serial('waitForBoot() says what the firmware last said when nothing can be booted', async (t) => {
  const { image, cache } = await tinyImage(t, false);
  process.env.SLIPWAY_CACHE = cache;
  t.teardown(() => delete process.env.SLIPWAY_CACHE);
  const machine = await startMachine(tinyOptions(image), tools);
  t.teardown(() => machine.stop());
  const error = await t.throwsAsync(machine.waitForBoot({ timeoutMs: 30_000 }));
  t.regex(
    error!.message,
    /^the boot failed in the firmware \(nothing-bootable: No bootable device\.\); the console said nothing, the firmware last said ".*No bootable device\."$/,
  );
});

test.serial('waitForBoot() names the phase when the time is over', async (t) => {
  const { image, cache } = await tinyImage(t, true);
  process.env.SLIPWAY_CACHE = cache;
  t.teardown(() => delete process.env.SLIPWAY_CACHE);
  const machine = await startMachine(tinyOptions(image), tools);
  t.teardown(() => machine.stop());
  const error = await t.throwsAsync(machine.waitForBoot({ timeoutMs: 2_000 }));
  t.regex(
    error!.message,
    /^the boot was not complete after 2 s and stands in the firmware; the console said nothing, the firmware last said ".*Booting from 0000:7c00"$/,
  );
});

test.serial('a harness that is killed with SIGKILL leaves no QEMU, and the next start removes its files', async (t) => {
  const { image, cache } = await tinyImage(t, true);
  const harness = await startHarness(t, tinyOptions(image), cache);
  const parent = join(cache, 'machines');
  const [left] = await readdir(parent);
  t.is(Number(readFileSync(join(parent, left!, pidFileName), 'utf8')), harness.qemuPid);
  harness.process.kill('SIGKILL');
  await once(harness.process, 'exit');
  t.true(await endsWithin(harness.qemuPid, 30_000));
  const fresh = await makeWorkFolder(parent);
  t.deepEqual(
    (await readdir(parent)).map((name) => join(parent, name)),
    [fresh],
  );
});

const helpers: [what: string, work: HarnessWork, hardware: Partial<Hardware>, programs: string[]][] = [
  ['QEMU and swtpm', 'run', { tpm: true }, ['qemu-system-x86_64', 'swtpm']],
  ['a frozen machine and one that runs', 'freeze', {}, ['qemu-system-x86_64', 'qemu-system-x86_64']],
  ['qemu-nbd', 'run-and-write', {}, ['qemu-nbd']],
];

for (const [what, work, hardware, programs] of helpers) {
  test.serial(`a harness that is killed with SIGKILL takes ${what} with it`, async (t) => {
    const { image, cache } = await tinyImage(t, true);
    const harness = await startHarness(t, { ...tinyOptions(image), hardware }, cache, work);
    const running = await processesNaming(join(cache, 'machines'));
    t.deepEqual(running.map((line) => line.split(' ')[0]!.split('/').at(-1)).sort(), programs);
    harness.process.kill('SIGKILL');
    await once(harness.process, 'exit');
    const deadline = performance.now() + 30_000;
    let left = await processesNaming(join(cache, 'machines'));
    for (; left.length > 0 && performance.now() < deadline; await sleep(50)) {
      left = await processesNaming(join(cache, 'machines'));
    }
    t.deepEqual(left, []);
  });
}

test('makeWorkFolder() leaves folders of living owners and foreign names alone', async (t) => {
  const parent = join(await temporaryFolder(t), 'machines');
  const first = await makeWorkFolder(parent);
  await mkdir(join(parent, 'notes'));
  await mkdir(join(parent, '1-1-00000000'));
  const second = await makeWorkFolder(parent);
  t.deepEqual(
    (await readdir(parent)).map((name) => join(parent, name)).sort(),
    [first, second, join(parent, 'notes')].sort(),
  );
});

async function endsWithin(pid: number, limitMs: number): Promise<boolean> {
  for (const deadline = performance.now() + limitMs; performance.now() < deadline; await sleep(50)) {
    if (processStartTime(pid) === null) return true;
  }
  return false;
}
