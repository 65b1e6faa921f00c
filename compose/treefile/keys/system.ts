// Keys that shape the system: boot, services, layout of the tree, package database, labels.

import { list, scalar } from '../declare.ts';
import { flag, oneNumberOf, oneOf, text } from '../types/scalars.ts';

export const units = list({
  name: 'units',
  item: text({ words: 'the name of a systemd unit' }),
  nameOf: (item) => item,
  docs: 'systemd units to enable. Cannot be used with `machineid-compat: false`, where presets decide at the first boot.',
  example: 'units: [sshd.service, podman.socket]',
});

export const defaultTarget = scalar({
  name: 'default-target',
  type: text({ words: 'the name of a systemd target' }),
  legacyName: 'default_target',
  docs: 'The systemd target to boot into.',
  example: 'default-target: multi-user.target',
});

export const machineidCompat = scalar({
  name: 'machineid-compat',
  type: flag,
  default: true,
  docs: 'Whether an empty `/etc/machine-id` is shipped. With `false` there is none, so that `ConditionFirstBoot=` works.',
  example: 'machineid-compat: false',
});

export const initramfsArgs = list({
  name: 'initramfs-args',
  item: text({ words: 'an argument of dracut' }),
  deprecated: 'put a file into `/usr/lib/dracut/dracut.conf.d`, with a package or with add-files',
  docs: 'Arguments for dracut; without any, `--no-hostonly`.',
  example: 'initramfs-args: [--no-hostonly, --add, ostree]',
});

export const noInitramfs = scalar({
  name: 'no-initramfs',
  type: flag,
  default: false,
  experimental: true,
  docs: 'Whether the initramfs is left out, because a package brings one or a later step makes it.',
  example: 'no-initramfs: true',
});

export const bootLocation = scalar({
  name: 'boot-location',
  type: oneOf(['new', 'modules', 'kernel-install']),
  default: 'modules',
  deprecatedValues: { new: 'write boot-location: modules' },
  legacyName: 'boot_location',
  docs: 'Where the kernel goes: `modules` is `/usr/lib/modules/VERSION` only; `new`, the default of rpm-ostree, also puts a copy in `/usr/lib/ostree-boot`, which old hosts need; `kernel-install` leaves it to that program. Slipway does as `modules` says whatever is set.',
  example: 'boot-location: modules',
});

export const tmpIsDir = scalar({
  name: 'tmp-is-dir',
  type: flag,
  default: false,
  docs: 'Whether `/tmp` is a directory of its own instead of a link to `sysroot/tmp`.',
  example: 'tmp-is-dir: true',
});

export const optUsrlocal = scalar({
  name: 'opt-usrlocal',
  type: oneOf(['var', 'root', 'state-overlay'], { stateoverlay: 'state-overlay' }),
  default: 'var',
  experimental: true,
  docs: 'What `/opt` and `/usr/local` are: links into `/var`, plain read-only directories (`root`), or overlays whose changes are kept (`state-overlay`). Except with `root`, what packages bring below `/opt` lies in `/usr/lib/opt`.',
  example: 'opt-usrlocal: root',
});

export const container = scalar({
  name: 'container',
  type: flag,
  default: false,
  docs: 'Whether the tree is for containers and never boots: no kernel, no labels, no id checks; `/tmp` is a directory.',
  example: 'container: true',
});

export const selinux = scalar({
  name: 'selinux',
  type: flag,
  default: true,
  docs: "Whether files are labelled with the tree's own SELinux policy, where it has one.",
  example: 'selinux: false',
});

export const selinuxLabelVersion = scalar({
  name: 'selinux-label-version',
  type: oneNumberOf([0, 1]),
  default: 0,
  docs: '`1` labels files in `/usr/etc` as if they were in `/etc`, for hosts with a transient `/etc`.',
  example: 'selinux-label-version: 1',
});

export const ignoreDevices = scalar({
  name: 'ignore-devices',
  type: flag,
  default: true,
  docs: 'Whether device files of packages are dropped; OSTree cannot hold them.',
  example: 'ignore-devices: true',
});

export const readonlyExecutables = scalar({
  name: 'readonly-executables',
  type: flag,
  default: false,
  docs: 'Whether executables lose their write permission.',
  example: 'readonly-executables: true',
});

export const ima = scalar({
  name: 'ima',
  type: flag,
  default: false,
  docs: 'Whether IMA signatures in packages become the attribute `security.ima` of files that are still as packaged. The repository is then of mode `bare-user` or `archive`, and every file is read anew for each commit.',
  example: 'ima: true',
});

export const rpmdb = scalar({
  name: 'rpmdb',
  type: oneOf(['target', 'host', 'bdb', 'sqlite', 'ndb'], { 'b-d-b': 'bdb' }),
  default: 'target',
  docs: "Format of the package database: what the tree's own rpm uses, or what the build machine uses. The last three mean `target` in rpm-ostree. Slipway writes SQLite.",
  example: 'rpmdb: target',
});

export const rpmdbNormalize = scalar({
  name: 'rpmdb-normalize',
  type: flag,
  default: false,
  docs: 'Whether the package database is made the same for the same packages. Slipway always does so.',
  example: 'rpmdb-normalize: true',
});

export const cliwrap = scalar({
  name: 'cliwrap',
  type: flag,
  default: false,
  deprecated: 'only its effect on kernel-install is left: use boot-location: kernel-install',
  docs: 'Whether some programs are wrapped so that they explain themselves on an OSTree host.',
  example: 'cliwrap: true',
});

export const cliwrapBinaries = list({
  name: 'cliwrap-binaries',
  item: text({ words: 'the name of a program' }),
  nameOf: (item) => item,
  deprecated: 'only kernel-install is left: use boot-location: kernel-install',
  docs: 'Which programs `cliwrap` wraps.',
  example: 'cliwrap-binaries: [kernel-install]',
});
