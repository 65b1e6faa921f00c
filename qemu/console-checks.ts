// What a console or journal must not say. One table; each line has an example that a test feeds to its pattern.

export interface ConsoleCheck {
  /** Stable word for reports, e.g. `kernel-panic`. */
  readonly code: string;
  readonly pattern: RegExp;
  /** The boot cannot come to a good end after this: no use in waiting for the time limit. */
  readonly fatal: boolean;
  readonly example: string;
}

export interface ConsoleFinding {
  readonly code: string;
  readonly fatal: boolean;
  /** The whole line. */
  readonly line: string;
}

function check(code: string, pattern: RegExp, example: string): ConsoleCheck {
  return { code, pattern, fatal: false, example };
}

function fatal(code: string, pattern: RegExp, example: string): ConsoleCheck {
  return { code, pattern, fatal: true, example };
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
    'You are in emergency mode. After logging in, type "journalctl -xb" to view system logs',
  ),
  fatal('dracut-refused', /dracut: (Refusing to continue|FATAL)/, 'dracut: Refusing to continue'),
  fatal('pid1-frozen', /systemd\[1\]: (Freezing execution|Caught <.*>, )/, '[    9.0] systemd[1]: Freezing execution.'),
  fatal(
    'boot-loader-stuck',
    /^error: (you need to load the kernel first|unknown filesystem|no such device|no such partition)|^grub(?: rescue)?>|Press any key to enter the menu/,
    'error: you need to load the kernel first.',
  ),
  fatal('grub-heap', /(alloc|free) magic (is )?broken/, 'free magic is broken at 0x7fcba0: 0x0'),
  fatal(
    'nothing-bootable',
    /No bootable device|BdsDxe: No bootable option|UEFI Interactive Shell/,
    'BdsDxe: No bootable option or device was found.',
  ),
  check('kernel-oops', /\bOops: |BUG: (unable to handle|kernel NULL)/, '[    3.0] Oops: 0002 [#1] PREEMPT SMP NOPTI'),
  check(
    'kernel-warning',
    /WARNING: CPU: \d+ PID: \d+ at /,
    '[    3.0] WARNING: CPU: 1 PID: 312 at fs/overlayfs/dir.c:113',
  ),
  check(
    'kernel-stuck',
    /soft lockup|hung_task|blocked for more than \d+ seconds|rcu_\w+ (self-)?detected stall/,
    '[   30.0] watchdog: BUG: soft lockup - CPU#0 stuck for 26s!',
  ),
  check(
    'out-of-memory',
    /invoked oom-killer|Out of memory: Killed process/,
    '[   88.0] podman invoked oom-killer: gfp_mask=0x140cca, order=0',
  ),
  check(
    'ordering-cycle',
    /[Oo]rdering cycle found/,
    'systemd[1]: sysinit.target: Found ordering cycle on b.service/start: Ordering cycle found',
  ),
  check(
    'segfault',
    /segfault at |SIGSEGV|=11\/SEGV/,
    '[    9.1] chronyd[512]: segfault at 8 ip 00007f0e sp 00007ffd error 4 in libc.so.6',
  ),
  check('core-dump', /[Cc]ore dump|dumped core/, 'systemd-coredump[713]: Process 700 (agent) of user 0 dumped core.'),
  check(
    'go-panic',
    /^(?:.*\]: )?panic: |goroutine 1 \[running\]/,
    'podman[812]: panic: runtime error: index out of range',
  ),
  check('offline-device', /rejecting I\/O to offline device/, '[   12.0] sd 0:0:0:0: rejecting I/O to offline device'),
  check('io-error', /I\/O error, dev |Buffer I\/O error on/, '[   12.0] I/O error, dev vda, sector 2048 op 0x0:(READ)'),
  check(
    'ext4-error',
    /EXT4-fs (error|\(\w+\): .*Delayed block allocation failed)/,
    '[   12.0] EXT4-fs error (device vda3): ext4_lookup:1855: inode #2',
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
];

/** The finding of one line, or undefined when nothing is wrong with it. */
export function checkLine(line: string): ConsoleFinding | undefined {
  const found = consoleChecks.find((entry) => entry.pattern.test(line));
  return found === undefined ? undefined : { code: found.code, fatal: found.fatal, line };
}

/** All findings, each line once: the journal repeats what the kernel said on the console. */
export function checkLines(lines: Iterable<string>): ConsoleFinding[] {
  const findings = new Map<string, ConsoleFinding>();
  for (const line of lines) {
    const finding = checkLine(line);
    if (finding !== undefined) findings.set(`${finding.code} ${withoutPrefix(line)}`, finding);
  }
  return [...findings.values()];
}

function withoutPrefix(line: string): string {
  return line.replace(/^(\[[\s\d.]+\] )+/, '').replace(/^kernel: /, '');
}
