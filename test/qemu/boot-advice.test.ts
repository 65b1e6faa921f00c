import test from 'ava';
import { bootAdvice, describeUnitName } from '../../qemu/boot-advice.ts';

const kernel = '[    0.000000] Linux version 6.12.117+deb13-cloud-amd64';
const commandLine = '[    0.000000] Kernel command line: root=LABEL=root rw console=ttyS0';
const disk = '[   13.407781] virtio_blk virtio1: [vda] 8388608 512-byte logical blocks (4.29 GB/4.00 GiB)';
const root = 'dev-disk-by\\x2dlabel-root.device';
const noSwitch = { code: 'switch-root-failed', fatal: true, line: '' };

test('bootAdvice() names ostree= when the initramfs finds no system and the argument is not there', (t) => {
  t.regex(bootAdvice([kernel, commandLine], noSwitch, null)!, /^the kernel argument ostree= is missing/);
  t.is(bootAdvice([kernel, `${commandLine} ostree=/ostree/boot.1/a/b/0`], noSwitch, null), null);
});

test('bootAdvice() tells a missing driver from a wrong name', (t) => {
  t.regex(bootAdvice([kernel, commandLine], undefined, root)!, /^the kernel found no disk: .*virtio_blk/);
  t.regex(bootAdvice([kernel, disk], undefined, root)!, /^the kernel has the disk vda, .* root=/);
  t.regex(
    bootAdvice([kernel, '[    2.1]  nvme0n1: p1 p2 p3 p4'], undefined, root)!,
    /^the kernel has the disk nvme0n1, /,
  );
});

test('bootAdvice() says nothing of a quiet console, and nothing of other units', (t) => {
  t.is(bootAdvice(['Welcome to GRUB!'], undefined, root), null);
  t.is(bootAdvice([kernel], undefined, 'hung.service'), null);
});

test('describeUnitName() gives a device its path', (t) => {
  t.is(describeUnitName(root), `/dev/disk/by-label/root (${root})`);
  t.is(describeUnitName('hung.service'), 'hung.service');
});
