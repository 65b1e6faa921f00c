// The host configuration of the sample distribution: what Debian's maintainer scripts and installer would have set up.

import type { RpmFile, RpmSpec } from '../../../lib/rpm/spec.ts';

/** Units that run on a host; all others that packages bring stay disabled. */
const enabledUnits = [
  'dbus.socket',
  'getty@.service',
  'ostree-finalize-staged.path',
  'ostree-remount.service',
  'remote-fs.target',
  'slipway-sample-boot-again.service',
  'slipway-sample-sshkeys.service',
  'ssh.service',
  'systemd-networkd.service',
  'systemd-resolved.service',
  'systemd-timesyncd.service',
];

/** The stacks of pam-auth-update, with Unix passwords and systemd's sessions. */
const pamStacks = {
  auth: [
    'auth [success=1 default=ignore] pam_unix.so nullok',
    'auth requisite pam_deny.so',
    'auth required pam_permit.so',
  ],
  account: [
    'account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so',
    'account requisite pam_deny.so',
    'account required pam_permit.so',
  ],
  password: [
    'password [success=1 default=ignore] pam_unix.so obscure yescrypt',
    'password requisite pam_deny.so',
    'password required pam_permit.so',
  ],
  session: ['session required pam_unix.so', 'session optional pam_systemd.so'],
  'session-noninteractive': ['session required pam_unix.so'],
};

/** Configuration that people may change, below /etc. */
const configuration: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.entries(pamStacks).map(([name, lines]) => [`/etc/pam.d/common-${name}`, lines])),
  '/etc/containers/storage.conf': [
    '[storage]',
    'driver = "overlay"',
    'runroot = "/run/containers/storage"',
    'graphroot = "/var/lib/containers/storage"',
  ],
  '/etc/hostname': ['slipway-sample'],
  '/etc/hosts': ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback'],
  '/etc/locale.conf': ['LANG=C.UTF-8'],
  // Users come from files alone: Debian has no nss-altfiles.
  '/etc/nsswitch.conf': [
    'passwd: files systemd',
    'group: files systemd',
    'shadow: files systemd',
    'gshadow: files systemd',
    'hosts: files resolve [!UNAVAIL=return] dns myhostname',
    'networks: files',
    'protocols: files',
    'services: files',
    'ethers: files',
    'rpc: files',
  ],
  '/etc/profile': [
    'if [ "$(id -u)" -eq 0 ]; then',
    '  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
    'else',
    '  PATH=/usr/local/bin:/usr/bin',
    'fi',
    'export PATH',
    'for script in /etc/profile.d/*.sh; do',
    '  if [ -r "$script" ]; then . "$script"; fi',
    'done',
    'unset script',
  ],
  '/etc/ssh/sshd_config': [
    'Include /etc/ssh/sshd_config.d/*.conf',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys.d/ignition',
    'UsePAM yes',
    'PrintMotd no',
    'Subsystem sftp /usr/lib/openssh/sftp-server',
  ],
};

/**
 * What `systemctl soft-reboot` needs until OSTree prepares it (`ostree admin prepare-soft-reboot`, from 2025.3 on): only the initramfs
 * mounts /sysroot and /boot, and systemd unmounts them before the second start. Without /sysroot, var.mount makes an empty /var.
 */
const softReboot: Readonly<Record<string, readonly string[]>> = {
  // Not unmounted at the end of the first start. (The drop-in would not reach boot.mount: other units make systemd look for it earlier.)
  '/usr/lib/systemd/system/sysroot.mount.d/50-slipway-sample.conf': ['[Unit]', 'DefaultDependencies=no'],
  '/usr/lib/systemd/system/slipway-sample-boot-again.service': [
    '[Unit]',
    'Description=Mount /boot after a soft reboot',
    'DefaultDependencies=no',
    'ConditionPathIsMountPoint=!/boot',
    'ConditionPathExists=/sysroot/boot/loader',
    'Before=local-fs.target',
    '',
    '[Service]',
    'Type=oneshot',
    'ExecStart=/usr/bin/mount --options bind,rw /sysroot/boot /boot',
    '',
    '[Install]',
    'WantedBy=local-fs.target',
  ],
};

/** Files of the distribution itself. */
const vendorFiles: Readonly<Record<string, readonly string[]>> = {
  '/usr/lib/ostree/prepare-root.conf': ['[sysroot]', 'readonly=true'],
  '/usr/lib/rpm/macros.d/macros.slipway-sample': ['%_dbpath /usr/lib/sysimage/rpm'],
  '/usr/lib/systemd/network/50-slipway-sample-dhcp.network': ['[Match]', 'Name=en* eth*', '', '[Network]', 'DHCP=yes'],
  '/usr/lib/systemd/system-preset/50-slipway-sample.preset': enabledUnits.map((unit) => `enable ${unit}`),
  // Before systemd's own 90-, which enables more than a container host needs.
  '/usr/lib/systemd/system-preset/80-slipway-sample.preset': ['disable *'],
  '/usr/lib/systemd/system/slipway-sample-sshkeys.service': [
    '[Unit]',
    'Description=Make the SSH host key',
    'Before=ssh.service',
    'ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    'ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key',
    '',
    '[Install]',
    'WantedBy=ssh.service',
  ],
  ...softReboot,
  '/usr/lib/tmpfiles.d/slipway-sample.conf': ['d /var/lib/containers 0755 root root -'],
};

export function configPackage(): RpmSpec {
  const common = ['bash', 'filesystem', 'slipway-sample-release', 'systemd', 'udev', 'libc-bin', 'sed', 'coreutils'];
  return {
    name: 'slipway-sample-config',
    version: '1',
    release: '1',
    arch: 'noarch',
    license: 'Apache-2.0',
    vendor: 'Slipway',
    summary: 'Configuration of a host of the sample distribution',
    requires: [...common.map((name) => ({ name })), { name: 'systemd', scriptlets: ['posttrans'] }],
    // After all packages are there, because any of them may bring units.
    scriptlets: { posttrans: { script: 'systemctl --quiet preset-all' } },
    files: [
      ...Object.entries(configuration).map<RpmFile>(([path, lines]) => ({
        ...textFile(path, lines),
        flags: ['config', 'noreplace'],
      })),
      ...Object.entries(vendorFiles).map<RpmFile>(([path, lines]) => textFile(path, lines)),
      { type: 'symlink', path: '/etc/localtime', target: '../usr/share/zoneinfo/UTC' },
      { type: 'symlink', path: '/etc/resolv.conf', target: '../run/systemd/resolve/stub-resolv.conf' },
    ],
  };
}

function textFile(path: string, lines: readonly string[]): RpmFile {
  return { type: 'file', path, content: `${lines.join('\n')}\n` };
}
