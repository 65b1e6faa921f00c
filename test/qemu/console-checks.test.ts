import test from 'ava';
import { checkLine, checkLines, consoleChecks } from '../../qemu/console-checks.ts';

for (const { code, fatal, example } of consoleChecks) {
  test(`checkLine() finds ${code}`, (t) => {
    t.deepEqual(checkLine(example), { code, fatal, line: example });
  });
}

const harmless = [
  '[    0.412345] Kernel command line: console=ttyS0 panic=5 rd.emergency=reboot',
  '[    1.000000] systemd[1]: Starting emergency-shell-check.service...',
  "error: file `/boot/envtest' not found.",
  '[  OK  ] Reached target multi-user.target - Multi-User System.',
  '[   19.0] (sd-exec-[417]: /usr/lib/systemd/system-generators/systemd-ssh-generator failed with exit status 1.',
  '[   10.1] systemd[1]: systemd-coredump.socket - Process Core Dump Socket skipped'.replace('Core Dump', 'Crash'),
  'sshd[411]: error: kex_exchange_identification: Connection closed by remote host',
];

for (const line of harmless) {
  test(`checkLine() lets pass: ${line}`, (t) => {
    t.is(checkLine(line), undefined);
  });
}

test('checkLines() tells once what both console and journal say', (t) => {
  const findings = checkLines([
    '[   12.000001] EXT4-fs error (device vda3): ext4_lookup:1855: inode #2',
    '[   12.000001] kernel: EXT4-fs error (device vda3): ext4_lookup:1855: inode #2',
    '[   13.000000] EXT4-fs error (device vda3): ext4_lookup:1855: inode #3',
  ]);
  t.deepEqual(
    findings.map(({ code }) => code),
    ['ext4-error', 'ext4-error'],
  );
});
