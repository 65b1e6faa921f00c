// What a console or journal must not say. One table; each line has an example that a test feeds to its pattern.

export interface ConsoleCheck {
  /** Stable word for reports, e.g. `kernel-panic`. */
  readonly code: string;
  readonly pattern: RegExp;
  /** The boot cannot come to a good end after this: no use in waiting for the time limit. */
  readonly fatal: boolean;
  /** How many such lines make a finding. */
  readonly least: number;
  /** Lines that were said by real programs, one for each way to match. */
  readonly examples: readonly string[];
}

export interface ConsoleFinding {
  readonly code: string;
  readonly fatal: boolean;
  /** The whole line. */
  readonly line: string;
}

function check(code: string, pattern: RegExp, ...examples: string[]): ConsoleCheck {
  return { code, pattern, fatal: false, least: 1, examples };
}

function fatal(code: string, pattern: RegExp, ...examples: string[]): ConsoleCheck {
  return { ...check(code, pattern, ...examples), fatal: true };
}

export const consoleChecks: readonly ConsoleCheck[] = [
  fatal(
    'kernel-panic',
    /Kernel panic - not syncing/,
    '[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
  ),
  fatal(
    'emergency-shell',
    /Press Enter for emergency shell|Starting Emergency Shell|[Yy]ou are in emergency mode|Reached target .*[Ee]mergency/,
    'Press Enter for emergency shell or wait 5 minutes for reboot.',
    'Starting Emergency Shell...',
    'You are in emergency mode. After logging in, type "journalctl -xb" to view',
    '[  OK  ] Reached target emergency.target - Emergency Mode.',
  ),
  fatal(
    'switch-root-failed',
    /Failed to start initrd-switch-root\.service|Failed to switch root: /,
    '[FAILED] Failed to start initrd-switch-root.service - Switch Root.',
    "systemctl[402]: Failed to switch root: Specified switch root path '/sysroot' does not seem to be an OS tree. os-release file is missing.",
  ),
  fatal(
    'dracut-refused',
    /dracut: (Refusing to continue|FATAL)|Warning: Boot has failed\. To debug this issue/,
    'dracut: Refusing to continue',
    "dracut: FATAL: Don't know how to handle 'root=nowhere'",
    'Warning: Boot has failed. To debug this issue add "rd.shell rd.debug" to the kernel command line.',
  ),
  fatal(
    'ignition-failed',
    /ignition\[\d+\]: error at |ignition\[\d+\]: (CRITICAL : )?Ignition failed: /,
    '[   90.393021] ignition[367]: error at $.storage.files.0.path, line 1 col 67: path not absolute',
    '[   90.393684] ignition[367]: Ignition failed: config is not valid',
    '[   75.659367] ignition[407]: CRITICAL : Ignition failed: failed to create users/groups: failed to configure users: exit status 6',
  ),
  fatal(
    'pid1-frozen',
    /systemd\[1\]: (Freezing execution|Caught <.*>, )/,
    '[    9.0] systemd[1]: Freezing execution.',
    '[   31.2] systemd[1]: Caught <SEGV>, from our own process.',
  ),
  fatal(
    'boot-loader-stuck',
    /^error: (you need to load the kernel first|unknown filesystem|no such device|no such partition)|^grub(?: rescue)?>|Press any key to enter the menu/,
    'error: you need to load the kernel first.',
    'error: unknown filesystem.',
    'error: no such device: root.',
    'error: no such partition.',
    'grub rescue>',
    'Press any key to enter the menu',
  ),
  fatal(
    'grub-heap',
    /(alloc|free) magic (is )?broken/,
    'free magic is broken at 0x7fcba0: 0x0',
    'alloc magic is broken at 0x7fcba0: 0x0',
  ),
  fatal(
    'nothing-bootable',
    /No bootable device|BdsDxe: No bootable option|UEFI Interactive Shell/,
    'No bootable device.',
    'BdsDxe: No bootable option or device was found.',
    'UEFI Interactive Shell v2.2',
  ),
  fatal(
    'secure-boot-denied',
    /^BdsDxe: failed to load .*: (Access Denied|Security Violation)|Verification failed: \(0x1A\) Security Violation/,
    'BdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0): Access Denied',
    'BdsDxe: failed to load Boot0002 "UEFI Misc Device 2" from PciRoot(0x0)/Pci(0x4,0x0): Security Violation',
    'Verification failed: (0x1A) Security Violation',
  ),
  check(
    'initramfs-corrupt',
    /Initramfs unpacking failed/,
    '[    1.449801] Initramfs unpacking failed: ZSTD-compressed data is corrupt',
  ),
  check(
    'root-missing',
    /VFS: Cannot open root device|dracut-initqueue.*: timeout|dracut.*Warning: \S+ does not exist/,
    '[    2.1] VFS: Cannot open root device "LABEL=root" or unknown-block(0,0): error -6',
    'dracut-initqueue[331]: Warning: dracut-initqueue: timeout, still waiting for following initqueue hooks:',
    'dracut-initqueue[331]: Warning: /dev/disk/by-label/root does not exist',
  ),
  check(
    'device-timeout',
    /Timed out waiting for device /,
    '[ TIME ] Timed out waiting for device dev-d…evice - /dev/disk/by-label/nowhere.',
  ),
  check('dependency-failed', /Dependency failed for /, '[DEPEND] Dependency failed for var-data.mount - /var/data.'),
  check(
    'kernel-oops',
    /\bOops: |BUG: (unable to handle|kernel NULL)/,
    '[    3.0] Oops: 0002 [#1] PREEMPT SMP NOPTI',
    '[    3.0] BUG: unable to handle page fault for address: ffffc90000200000',
    '[    3.0] BUG: kernel NULL pointer dereference, address: 0000000000000008',
  ),
  check(
    'kernel-warning',
    /WARNING: CPU: \d+ PID: \d+ at /,
    '[    3.0] WARNING: CPU: 1 PID: 312 at fs/overlayfs/dir.c:113',
  ),
  check(
    'kernel-stuck',
    /soft lockup|hung_task|blocked for more than \d+ seconds|rcu_\w+ (self-)?detected stalls?/,
    '[   30.0] watchdog: BUG: soft lockup - CPU#0 stuck for 26s!',
    '[  242.6] INFO: task fsync:812 blocked for more than 120 seconds.',
    '[  242.7] Kernel panic: hung_task: blocked tasks',
    '[   60.0] rcu: INFO: rcu_preempt self-detected stall on CPU',
    '[   60.0] rcu: INFO: rcu_sched detected stalls on CPUs/tasks:',
  ),
  check(
    'out-of-memory',
    /invoked oom-killer|[Oo]ut of memory: Killed process/,
    '[   55.780601] kernel: tail invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0',
    '[   88.1] Out of memory: Killed process 812 (podman) total-vm:1964120kB, anon-rss:402340kB',
    '[   55.877487] kernel: Memory cgroup out of memory: Killed process 518 (tail) total-vm:19176kB, anon-rss:16128kB',
  ),
  check(
    'ordering-cycle',
    /[Ff]ound ordering cycle|[Oo]rdering cycle found|deleted to break ordering cycle/,
    'systemd[1]: a.service: Found ordering cycle on b.service/start',
    'systemd[1]: a.service: Job b.service/start deleted to break ordering cycle starting with a.service/start',
    '[ SKIP ] Ordering cycle found, skipping b.service - Second',
  ),
  check(
    'segfault',
    /segfault at |SIGSEGV|=11\/SEGV/,
    '[    9.1] chronyd[512]: segfault at 8 ip 00007f0e sp 00007ffd error 4 in libc.so.6',
    'agent[700]: SIGSEGV: segmentation violation',
    'systemd[1]: chronyd.service: Main process exited, code=dumped, status=11/SEGV',
  ),
  check(
    'core-dump',
    /[Cc]ore dump|dumped core/,
    '[   12.3] Core dump to |/usr/lib/systemd/systemd-coredump pipe failed',
    'systemd-coredump[713]: Process 700 (agent) of user 0 dumped core.',
  ),
  check(
    'go-panic',
    /^(?:.*\]: )?panic: |goroutine 1 \[running\]/,
    'panic: runtime error: index out of range [3] with length 2',
    'podman[812]: panic: runtime error: invalid memory address or nil pointer dereference',
    'podman[812]: goroutine 1 [running]:',
  ),
  check('offline-device', /rejecting I\/O to offline device/, '[   12.0] sd 0:0:0:0: rejecting I/O to offline device'),
  check(
    'io-error',
    /I\/O error, dev |Buffer I\/O error on/,
    '[   12.0] I/O error, dev vda, sector 2048 op 0x0:(READ)',
    '[   12.0] Buffer I/O error on dev vda3, logical block 0, async page read',
  ),
  check(
    'ext4-error',
    /EXT4-fs (error|\([\w-]+\): .*Delayed block allocation failed)/,
    '[   12.0] EXT4-fs error (device vda3): ext4_lookup:1855: inode #2: comm ls: iget: checksum invalid',
    '[   12.0] EXT4-fs (dm-0): Delayed block allocation failed for inode 12 at logical offset 0 with max blocks 2048 with error 28',
  ),
  check(
    'selinux-denial',
    /\bavc:\s+denied\b/,
    'audit[812]: AVC avc:  denied  { read } for  pid=812 comm="sshd" name="shadow" tclass=file permissive=0',
  ),
  check(
    'generator-failed',
    // Not systemd-ssh-generator: that of systemd 256 and 257 fails in every machine that has no vsock device.
    /\/system-generators\/(?!systemd-ssh-generator)\S+ (failed with|terminated by signal|failed due to)/,
    'systemd[1]: /usr/lib/systemd/system-generators/zram-generator failed with exit status 1.',
    'systemd[1]: /usr/lib/systemd/system-generators/zram-generator terminated by signal ABRT.',
    'systemd[1]: /usr/lib/systemd/system-generators/zram-generator failed due to unknown reason.',
  ),
  check(
    'ignition-canceled',
    /ignition\[\d+\]: failed to fetch config: context canceled/,
    'ignition[611]: failed to fetch config: context canceled',
  ),
  check(
    'initrd-cleanup-killed',
    /initrd-cleanup\.service: Main process exited, code=killed/,
    'systemd[1]: initrd-cleanup.service: Main process exited, code=killed, status=15/TERM',
  ),
  {
    ...check(
      'link-flapping',
      /link status up for interface [^,]+, enabling it in \d+ ms/,
      'NetworkManager[612]: link status up for interface eth0, enabling it in 900 ms',
    ),
    least: 10,
  },
];

/** The finding of one line, or undefined when nothing is wrong with it alone. */
export function checkLine(line: string): ConsoleFinding | undefined {
  const found = matching(line);
  return found === undefined || found.least > 1 ? undefined : findingOf(found, line);
}

/** All findings, each line once: the journal repeats what the kernel and systemd said on the console. */
export function checkLines(lines: Iterable<string>): ConsoleFinding[] {
  const findings = new Map<string, ConsoleFinding>();
  const counts = new Map<ConsoleCheck, number>();
  for (const line of lines) {
    const found = matching(line);
    if (found === undefined) continue;
    const count = (counts.get(found) ?? 0) + 1;
    counts.set(found, count);
    if (count >= found.least) findings.set(`${found.code} ${withoutPrefix(line)}`, findingOf(found, line));
  }
  return [...findings.values()];
}

function matching(line: string): ConsoleCheck | undefined {
  return consoleChecks.find(({ pattern }) => pattern.test(line));
}

function findingOf({ code, fatal: isFatal }: ConsoleCheck, line: string): ConsoleFinding {
  return { code, fatal: isFatal, line };
}

function withoutPrefix(line: string): string {
  return line.replace(/^(\[[\s\d.]+\] )+/, '').replace(/^(kernel|systemd\[1\]): |^\[[ A-Z]+\] /, '');
}
