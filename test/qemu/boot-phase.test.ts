import test from 'ava';
import { type BootPhase, bootPhase, lastWords, loaderSpokeAtMs } from '../../qemu/boot-phase.ts';

const firmware = 'BdsDxe: starting Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x2,0x0)';
const loader = 'Welcome to GRUB!';
const kernel = '[    0.000000] Linux version 6.12.107+deb13-cloud-amd64 (debian-kernel@lists.debian.org)';
const initramfs = '[    4.381745] Run /init as init process';
const userspace = 'Welcome to Debian GNU/Linux 13 (trixie)!';

const table: [said: string[], phase: BootPhase][] = [
  [[], 'firmware'],
  [[firmware, ''], 'firmware'],
  [[firmware, 'UEFI Interactive Shell v2.2', 'EDK II', 'Shell>'], 'firmware'],
  [[loader], 'boot loader'],
  [[firmware, loader, "error: file `/boot/vmlinuz' not found."], 'boot loader'],
  [[loader, kernel, '[    2.0] Kernel panic - not syncing: VFS'], 'kernel'],
  [[kernel], 'kernel'],
  [[loader, kernel, initramfs, 'Starting dracut-mount.service - dracut mount hook...'], 'initramfs'],
  [[loader, kernel, initramfs, userspace, '         Starting ssh.service'], 'userspace'],
  // `quiet` hosts: a delay or a failure brings systemd's words, without the kernel's.
  [[loader, '[***   ] Job dev-vda9.device/start running (12s / no limit)'], 'initramfs'],
  [[loader, '[FAILED] Failed to start ostree-prepare-root.service - OSTree Prepare OS/.'], 'initramfs'],
  [[loader, 'EFI stub: Loaded initrd from LINUX_EFI_INITRD_MEDIA_GUID device path'], 'kernel'],
  // systemd before 254, and initrd-release of dracut.
  [[loader, kernel, initramfs, 'Welcome to Debian GNU/Linux 12 (bookworm) dracut-059-4 (Initramfs)!'], 'initramfs'],
  [[loader, 'Welcome to Fedora Linux 37 (Container Image) dracut-057-5.fc37 (Initramfs)!'], 'initramfs'],
  [[loader, 'Welcome to Fedora Linux 37 dracut-057-5.fc37 (Initramfs)!', userspace], 'userspace'],
  [
    [
      loader,
      kernel,
      initramfs,
      '         Starting initrd-switch-root.service - Switch Root...',
      '[FAILED] Failed to start initrd-switch-root.service - Switch Root.',
    ],
    'initramfs',
  ],
  [[loader, 'Booting in blind mode', kernel, 'Starting initrd-switch-root.service - Switch Root...'], 'userspace'],
];

for (const [said, phase] of table) {
  test(`bootPhase() is ${phase} after ${JSON.stringify(said.at(-1) ?? 'silence')}`, (t) => {
    t.is(bootPhase(said.map((text, index) => ({ atMs: index, text }))), phase);
  });
}

test('loaderSpokeAtMs() is the time of the first line that is not the firmware', (t) => {
  const lines = [firmware, '', loader, kernel].map((text, index) => ({ atMs: index * 100, text }));
  t.is(loaderSpokeAtMs(lines), 200);
  t.is(loaderSpokeAtMs([{ atMs: 5, text: kernel }]), null);
  t.is(loaderSpokeAtMs([]), null);
});

test('lastWords() passes over empty lines', (t) => {
  const lines = ['a', '', 'b', '  ', 'c', ''].map((text) => ({ atMs: 0, text }));
  t.deepEqual(lastWords(lines, 2), ['b', 'c']);
});

test("lastWords() keeps only the last picture of systemd's animation", (t) => {
  const said = [
    'Starting a.service...',
    '[*** ] Job a.service/start running (1s / no limit)',
    '[ ***] (1 of 2) Job a.service/start running (2s / no limit)',
  ];
  const lines = said.map((text) => ({ atMs: 0, text }));
  t.deepEqual(lastWords(lines, 5), [said[0]!, said[2]!]);
});
