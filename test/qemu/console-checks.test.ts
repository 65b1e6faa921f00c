import test from 'ava';
import { checkLine, checkLines, consoleChecks } from '../../qemu/console-checks.ts';

for (const { code, fatal, least, examples } of consoleChecks) {
  for (const line of examples) {
    test(`checkLines() finds ${code} in: ${line}`, (t) => {
      t.deepEqual(checkLines(Array(least).fill(line)), [{ code, fatal, line }]);
      t.deepEqual(checkLine(line), least === 1 ? { code, fatal, line } : undefined);
      t.deepEqual(checkLines(Array(least - 1).fill(line)), []);
    });
  }
}

// Every way to match has its example: a pattern that loses one of its alternatives leaves one of them unfound.
for (const { code, pattern, examples } of consoleChecks) {
  test(`${code} has an example for each of its alternatives`, (t) => {
    for (const alternative of topLevelAlternatives(pattern.source)) {
      t.true(
        examples.some((line) => new RegExp(alternative).test(line)),
        alternative,
      );
    }
  });
}

function topLevelAlternatives(source: string): string[] {
  let depth = 0;
  const found = [''];
  for (const character of source.match(/\\.|./g) ?? []) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === '|' && depth === 0) found.push('');
    else found.push(found.pop()! + character);
  }
  return found;
}

const harmless = [
  '[    0.412345] Kernel command line: console=ttyS0 panic=5 rd.emergency=reboot',
  '[    1.000000] systemd[1]: Starting emergency-shell-check.service...',
  "error: file `/boot/envtest' not found.",
  '[  OK  ] Reached target multi-user.target - Multi-User System.',
  '[   19.0] (sd-exec-[417]: /usr/lib/systemd/system-generators/systemd-ssh-generator failed with exit status 1.',
  '[   10.1] systemd[1]: systemd-coredump.socket - Process Core Dump Socket skipped',
  '[   14.2] systemd[1]: Listening on systemd-coredump.socket - Process Core Dump Socket.',
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
    '[DEPEND] Dependency failed for var-data.mount - /var/data.',
    '[   14.000000] systemd[1]: Dependency failed for var-data.mount - /var/data.',
  ]);
  t.deepEqual(
    findings.map(({ code }) => code),
    ['ext4-error', 'ext4-error', 'dependency-failed'],
  );
});
