// How a boot ends and what is said about it, with a machine that is only a console, a verdict port and QMP's events.

import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type BootOutcome, bootFailure, type FailedBoot, watchBoot } from '../../qemu/boot-watch.ts';
import { captureConsole } from '../../qemu/console.ts';
import { type BootStart, type Machine, machineDefaults } from '../../qemu/machine-run.ts';
import type { QmpEvent } from '../../qemu/qmp.ts';
import { listenForVerdicts } from '../../qemu/verdict.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface SilentMachine {
  readonly machine: Machine;
  say(...lines: string[]): Promise<void>;
  /** What the guest's verdict unit writes. */
  tell(...lines: (object | string)[]): Promise<void>;
  reset(): Promise<void>;
}

async function silentMachine(t: ExecutionContext, stuckAfterSeconds = 120): Promise<SilentMachine> {
  const folder = await temporaryFolder(t);
  const serial = new PassThrough();
  const port = new PassThrough();
  const firmware = new PassThrough();
  const listeners: ((event: QmpEvent) => void)[] = [];
  const console = captureConsole(serial, join(folder, 'console.log'));
  const firmwareLog = captureConsole(firmware, join(folder, 'firmware.log'));
  const verdicts = listenForVerdicts(port);
  let boot: BootStart = { poweredOnAtMs: performance.now(), consoleLine: 0, previousConsoleLine: 0, verdicts: 0 };
  const qmp = { onEvent: (listener: (event: QmpEvent) => void) => void listeners.push(listener) };
  const qemu = { qmp, exited: new Promise(() => {}) };
  t.teardown(async () => {
    serial.destroy();
    firmware.destroy();
    await Promise.all([console.closed, firmwareLog.closed]);
  });
  const machine = { console, firmwareLog, verdicts, qemu, currentBoot: () => boot };
  return {
    machine: { ...machine, options: { ...machineDefaults, stuckAfterSeconds } } as unknown as Machine,
    say: async (...lines) => {
      serial.write(lines.map((line) => `${line}\r\n`).join(''));
      await turn();
    },
    tell: async (...said) => {
      port.write(said.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
      await turn();
    },
    reset: async () => {
      const { consoleLine } = boot;
      boot = {
        poweredOnAtMs: performance.now(),
        consoleLine: console.lines().length,
        previousConsoleLine: consoleLine,
        verdicts: 0,
      };
      for (const listener of listeners) listener({ event: 'RESET', data: { guest: true } } as unknown as QmpEvent);
      await turn();
    },
  };
}

const options = { timeoutMs: 60_000, tolerate: false };
const loader = 'Welcome to GRUB!';
const kernel = '[    0.000000] Linux version 6.12.117+deb13-cloud-amd64';
const initramfs = 'Booting initrd of dracut.';
const waiting = '[***   ] Job dev-disk-by\\x2dlabel-root.device/start running (7s / no limit)';
const stuck = '[   ***] Job dev-disk-by\\x2dlabel-root.devic…tart running (2min 1s / no limit)';

function sentence(machine: Machine, outcome: BootOutcome): string {
  return bootFailure(machine, outcome as FailedBoot).message.split('; the console last said')[0]!;
}

test('a reset is told with the phase and the bad lines of the boot before it', async (t) => {
  const { machine, say, reset } = await silentMachine(t);
  const outcome = watchBoot(machine, options, new AbortController().signal);
  await say(loader, kernel, initramfs, '[DEPEND] Dependency failed for sysroot.mount - /sysroot.');
  await reset();
  t.is((await outcome).type, 'reset');
  await say(loader);
  t.is(
    sentence(machine, await outcome),
    'the machine reset itself in the initramfs before the boot was complete (dependency-failed: [DEPEND] Dependency failed for sysroot.mount - /sysroot.)',
  );
});

test('a fatal line is told behind the lines that led to it', async (t) => {
  const { machine, say } = await silentMachine(t);
  const outcome = watchBoot(machine, options, new AbortController().signal);
  await say(loader, kernel, '[  1.449801] Initramfs unpacking failed: ZSTD-compressed data is corrupt');
  await say('[  2.112373] Kernel panic - not syncing: No working init found.');
  t.is(
    sentence(machine, await outcome),
    'the boot failed in the kernel (initramfs-corrupt: [  1.449801] Initramfs unpacking failed: ZSTD-compressed data is corrupt; kernel-panic: [  2.112373] Kernel panic - not syncing: No working init found.)',
  );
});

test('a guest that resets itself while its last words are waited for is told as it was before', async (t) => {
  const { machine, say, reset } = await silentMachine(t);
  const outcome = watchBoot(machine, options, new AbortController().signal);
  await say(loader, kernel, '[  0.000000] Kernel command line: root=LABEL=root rw', initramfs);
  await say('[FAILED] Failed to start initrd-switch-root.service - Switch Root.');
  await reset();
  await say(loader);
  t.is(
    sentence(machine, await outcome),
    'the boot failed in the initramfs (switch-root-failed: [FAILED] Failed to start initrd-switch-root.service - Switch Root.); the kernel argument ostree= is missing, so the initramfs looks for a system outside of the deployments',
  );
});

test('a job of the initramfs that does not end is told with its whole name, long before the time limit', async (t) => {
  const { machine, say } = await silentMachine(t);
  const outcome = watchBoot(machine, options, new AbortController().signal);
  await say(loader, kernel, initramfs, waiting, stuck);
  t.is(
    sentence(machine, await outcome),
    "the boot hangs in the initramfs, waiting for /dev/disk/by-label/root (dev-disk-by\\x2dlabel-root.device) for 120 s; the kernel found no disk: its driver's module (virtio_blk, nvme, sd_mod) is missing in the initramfs",
  );
});

test('a job of the initramfs may take as long as the machine says', async (t) => {
  const { machine, say } = await silentMachine(t, 600);
  const outcome = watchBoot(machine, { ...options, timeoutMs: 500 }, new AbortController().signal);
  await say(loader, kernel, initramfs, waiting, stuck);
  t.is((await outcome).type, 'timeout');
});

test('once the verdict unit runs, the guest looks after its jobs itself, and the boot stands in userspace', async (t) => {
  const { machine, say, tell } = await silentMachine(t);
  const outcome = watchBoot(machine, { ...options, timeoutMs: 500 }, new AbortController().signal);
  await tell({ type: 'started', bootId: 'b', uptimeSeconds: 1 }, { type: 'jobs' }, 'Job=hung.service start running');
  await say(loader, stuck);
  t.is(
    sentence(machine, await outcome),
    'the boot was not complete after 1 s and stands in the userspace, waiting for hung.service',
  );
});
