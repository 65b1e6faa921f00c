import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type DoctorReport, formatReport, versionIn } from '../../cli/commands/doctor.ts';
import { externalLibraries, externalTools } from '../../lib/tools.ts';
import { slipway } from '../support/slipway.ts';
import { temporaryFolder, tree } from '../support/temporary.ts';

const versions: readonly (readonly [output: string, version: string])[] = [
  ["libostree:\n Version: '2022.7'\n", '2022.7'],
  ['QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)', '7.2.22'],
  ['grub-mkimage (GRUB) 2.06-13+deb12u2', '2.06-13+deb12u2'],
  ['mke2fs 1.47.0 (5-Feb-2023)', '1.47.0'],
  ['no number here', ''],
];

for (const [output, version] of versions) {
  test(`versionIn() finds "${version}" in ${JSON.stringify(output)}`, (t) => t.is(versionIn(output), version));
}

test('slipway doctor finds every tool on this machine', async (t) => {
  const { stdout, exitCode } = await slipway(['doctor', '--json']);
  const report = JSON.parse(stdout) as DoctorReport;
  t.deepEqual(
    report.tools.filter((tool) => tool.version === null).map((tool) => tool.program),
    [],
  );
  t.is(report.tools.length, externalTools.length + externalLibraries.length);
  t.deepEqual(
    report.checks.map((check) => check.name),
    ['Node', 'user namespaces', 'GRUB', 'QEMU', 'UEFI firmware', 'KVM', 'room'],
  );
  t.is(exitCode, report.ok ? 0 : 1);
});

test('slipway doctor fails on a machine without the tools, and says how to get them', async (t) => {
  const empty = await temporaryFolder(t);
  const { stdout, exitCode } = await slipway(['doctor'], { env: { PATH: empty } });
  t.is(exitCode, 1);
  t.regex(
    stdout,
    /^✗ ostree {2,}missing {2,}to write, check and deploy OSTree commits \(compose, images\); package ostree \(Debian\), ostree \(Fedora\)$/m,
  );
  t.regex(stdout, /^· dnf {2,}missing/m);
  t.regex(stdout, /^· KVM: cannot be tried: qemu-system-x86_64/m);
  t.regex(stdout, /apt-get install --no-install-recommends .*ostree.*qemu-system-x86 ovmf.*\(Debian\)/);
});

test('slipway doctor goes on behind a program that cannot run, and counts it as missing', async (t) => {
  const folder = await tree(t, { ostree: '#!/bin/sh\nexit 127\n' });
  await chmod(join(folder, 'ostree'), 0o755);
  const { stdout, exitCode } = await slipway(['doctor'], { env: { PATH: `${folder}:${process.env.PATH}` } });
  t.is(exitCode, 1);
  t.regex(stdout, /✗ ostree {2,}missing/);
  t.regex(stdout, /✓ unshare /);
});

const unusable: [title: string, script: string, line: RegExp][] = [
  [
    'is too old',
    'echo "QEMU emulator version 6.2.0 (Debian 1:6.2+dfsg-2)"',
    /^✗ QEMU: QEMU 6\.2 is too old: machines need 7\.1 or newer; use a newer release of the distribution/m,
  ],
  ['cannot run', 'exit 127', /^✗ QEMU: qemu-system-x86_64 failed with exit status 127$/m],
];
for (const [title, script, line] of unusable) {
  test(`slipway doctor says that QEMU ${title}, and goes on`, async (t) => {
    const folder = await tree(t, { 'qemu-system-x86_64': `#!/bin/sh\n${script}\n` });
    await chmod(join(folder, 'qemu-system-x86_64'), 0o755);
    const { stdout, exitCode } = await slipway(['doctor'], { env: { PATH: `${folder}:${process.env.PATH}` } });
    t.is(exitCode, 1);
    t.regex(stdout, line);
    t.regex(stdout, /^. room: /m);
  });
}

test('formatReport() says nothing of installing when nothing is missing', (t) => {
  const tool = {
    program: 'x',
    version: '1.0',
    purpose: 'do',
    usedBy: ['images'] as const,
    package: { debian: 'x', fedora: 'x' },
  };
  const check = { name: 'Node', state: 'ok', detail: '24.0.0' } as const;
  const report: DoctorReport = { kind: 'doctor', version: 1, ok: true, tools: [tool], checks: [check] };
  t.is(formatReport(report), '✓ x  1.0  to do (images)\n\n✓ Node: 24.0.0');
});
