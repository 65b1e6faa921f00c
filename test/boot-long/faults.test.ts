// Hardware, faults and a power cut on one machine: two boots, the second from what survived.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { baseChecks, strictPolicy } from '../../qemu/base-checks.ts';
import { corruptPlace } from '../../qemu/faults/live-faults.ts';
import type { Machine } from '../../qemu/machine-run.ts';
import type { GuestVerdict } from '../../qemu/verdict.ts';
import { bootTimeoutMs, said, startTestMachine, stopAfterwards, tools } from '../boot/support/machine.ts';
import { sampleHost } from '../support/sample-host.ts';

let machine: Machine;
let folder: string;
let firstBoot: GuestVerdict;

test.before('boot the sample host with a TPM, more disks and a shared folder', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const image = process.env.SLIPWAY_TEST_IMAGE ?? (await sampleHost(tools)).image;
  folder = await mkdtemp(join(tmpdir(), 'slipway-share-'));
  await writeFile(join(folder, 'word'), 'from the host');
  machine = await startTestMachine({
    image,
    hardware: {
      extraDisks: [
        { sizeMiB: 16, bus: 'nvme', serial: 'fast' },
        { sizeMiB: 16, bus: 'scsi', serial: 'old' },
      ],
      networks: [{ type: 'named', name: `boot-test-${process.pid}`, mac: null }],
      tpm: true,
      shares: [
        { folder, tag: 'data', as: '9p' },
        { folder, tag: 'copy', as: 'disk' },
      ],
      balloon: true,
      writeLog: true,
    },
  });
  firstBoot = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
});
stopAfterwards(test, () => machine);
test.after.always('remove the shared folder', () => rm(folder, { recursive: true, force: true }));

test('the sample host passes the base checks', (t) => {
  const failures = baseChecks(firstBoot.facts, null, strictPolicy).filter((check) => check.failure !== null);
  t.deepEqual(failures, []);
});

test('the guest sees its disks, its TPM and its second network card', async (t) => {
  const serials = await said(machine, 'lsblk', '--nodeps', '--noheadings', '--output', 'TRAN,SERIAL');
  t.regex(serials, /nvme +fast/);
  t.regex(serials, /old/);
  t.is(await said(machine, 'cat', '/sys/class/tpm/tpm0/tpm_version_major'), '2');
  t.is((await said(machine, 'ls', '/sys/bus/virtio/drivers/virtio_net')).match(/virtio\d+/g)?.length, 2);
});

test('a folder of the host is there for a guest whose kernel knows 9p', async (t) => {
  const virtioDevices = await said(machine, 'sh', '-c', 'cat /sys/bus/virtio/devices/*/device');
  t.true(virtioDevices.split('\n').includes('0x0009'), virtioDevices); // VIRTIO_ID_9P
});

test('a folder of the host is there on a disk for every guest', async (t) => {
  const read = 'mount --mkdir -o ro /dev/disk/by-id/virtio-copy /run/copy && cat /run/copy/word';
  t.is(await said(machine, 'sh', '-c', read), 'from the host');
});

test('jumpTime() moves the clock, and back', async (t) => {
  const clock = async (): Promise<number> => Number(await said(machine, 'date', '+%s'));
  const before = await clock();
  await machine.jumpTime(86_400);
  const ahead = (await clock()) - before;
  t.true(ahead >= 86_400 && ahead < 86_460, String(ahead));
  await machine.jumpTime(-86_400);
  t.true((await clock()) - before < 60);
});

test('network.cut() silences the guest until network.mend()', async (t) => {
  const ssh = await machine.ssh();
  await ssh.run(['true']);
  await machine.network.cut();
  await t.throwsAsync(ssh.run(['true'], { timeoutMs: 3_000 }));
  await machine.network.mend();
  t.is((await ssh.run(['echo', 'again'])).stdout, 'again\n');
});

test('network.delay() and network.lose() make ssh slow until network.mend()', async (t) => {
  const ssh = await machine.ssh();
  await machine.network.delay(500);
  await machine.network.lose(0.1, 'some');
  const startedAt = performance.now();
  await ssh.run(['true']);
  const spentMs = performance.now() - startedAt;
  t.true(spentMs >= 1000, `there and back took ${spentMs} ms`);
  await machine.network.mend();
  await ssh.run(['true']);
});

test('leaveMemory() takes memory from the guest and gives it back', async (t) => {
  const total = async (): Promise<number> =>
    Number(/MemTotal: +(\d+)/.exec(await said(machine, 'cat', '/proc/meminfo'))![1]);
  const before = await total();
  await machine.leaveMemory(700);
  let left = before;
  for (let tries = 0; tries < 20 && left === before; tries++) left = await total();
  t.true(left < before, `${left} of ${before}`);
  await machine.leaveMemory(machine.options.memoryMiB);
});

test('disk.fill() leaves no space, and disk.free() gives it back', async (t) => {
  await machine.disk.fill('/var/tmp');
  const { exitCode, stderr } = await machine.run(['dd', 'if=/dev/zero', 'of=/var/tmp/more', 'bs=1M', 'count=1'], {
    okExitCodes: [0, 1],
  });
  t.is(exitCode, 1);
  t.regex(stderr, /No space left/);
  await machine.disk.free('/var/tmp');
  await machine.run(['rm', '-f', '/var/tmp/more']);
});

test('a power cut keeps what was flushed, loses what was not, and the host boots again', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  await machine.run(['dd', 'if=/dev/zero', 'of=/var/flushed', 'bs=1M', 'count=4', 'conv=fsync']);
  const { offset } = await machine.corruptFile('/usr/lib/os-release', 'seed');
  await machine.run(['sh', '-c', 'sync -f /var; dd if=/dev/zero of=/var/lost bs=1M count=4']);
  const size = Number(await said(machine, 'stat', '--format=%s', '/usr/lib/os-release'));
  machine = await machine.powerCut();
  const verdict = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
  t.is(verdict.state, 'running');
  t.is(await said(machine, 'stat', '--format=%s', '/var/flushed'), String(4 * 1024 * 1024));
  const lost = await machine.run(['stat', '--format=%s', '/var/lost'], { okExitCodes: [0, 1] });
  t.true(lost.exitCode === 1 || lost.stdout.trim() === '0', lost.stdout);
  const { bytes } = corruptPlace(size, 'seed');
  const found = await machine.run([
    'od',
    '-A',
    'n',
    '-t',
    'u1',
    '-j',
    String(offset),
    '-N',
    String(bytes.length),
    '/usr/lib/os-release',
  ]);
  t.deepEqual(found.stdout.trim().split(/\s+/).map(Number), [...bytes]);
});
