// Real Ignition in a host: a config is applied on the first boot and never again, and a bad one ends the boot with Ignition's own words.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { baseChecks, strictPolicy } from '../../qemu/base-checks.ts';
import { checkLines } from '../../qemu/console-checks.ts';
import type { Machine } from '../../qemu/machine-run.ts';
import { connectSsh, generateSshKey } from '../../qemu/ssh.ts';
import { discoverTests } from '../../qemu/suite/external/discover.ts';
import { machinePool } from '../../qemu/suite/machine-pool.ts';
import { runSuite } from '../../qemu/suite/run-suite.ts';
import { formatJournalEntry, type GuestVerdict } from '../../qemu/verdict.ts';
import { bootTimeoutMs, said, startTestMachine, stopAfterwards, tools } from '../boot/support/machine.ts';
import { suiteOptions } from '../boot/support/suite-options.ts';
import { sampleIgnitionHost } from '../support/sample-host.ts';
import { temporaryFolder } from '../support/temporary.ts';

const userKey = generateSshKey();
const passwordHash = '$y$j9T$slipway$notTheHashOfAnyPassword';
const unit = `[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo ran >>/var/lib/written/runs'
[Install]
WantedBy=multi-user.target
`;
const config = {
  ignition: { version: '3.3.0' },
  passwd: {
    users: [{ name: 'core', groups: ['sudo'], sshAuthorizedKeys: [userKey.publicKey], passwordHash }],
  },
  storage: {
    files: [
      { path: '/etc/hostname', overwrite: true, mode: 0o644, contents: { source: 'data:,configured%0A' } },
      { path: '/etc/written.conf', mode: 0o640, contents: { source: 'data:,below%20%2Fetc%0A' } },
      { path: '/var/lib/written/secret', mode: 0o600, contents: { source: 'data:,below%20%2Fvar%0A' } },
    ],
  },
  systemd: {
    units: [
      { name: 'configured.service', enabled: true, contents: unit },
      { name: 'systemd-timesyncd.service', enabled: false },
    ],
  },
};

let folder: string;
let machine: Machine;
let firstBoot: GuestVerdict;

test.before('boot the host with a config', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const { image } = await sampleIgnitionHost(tools);
  folder = await mkdtemp(join(tmpdir(), 'slipway-ignition-'));
  const file = join(folder, 'host.ign');
  await writeFile(file, JSON.stringify(config));
  machine = await startTestMachine({ image, hardware: { ignition: file } });
  firstBoot = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
});
stopAfterwards(test, () => machine);
test.after.always('remove the config', () => rm(folder, { recursive: true, force: true }));

function assertHealthy(t: ExecutionContext, { facts, journal }: GuestVerdict): void {
  t.deepEqual(
    baseChecks(facts, null, strictPolicy).filter(({ failure }) => failure !== null),
    [],
  );
  t.deepEqual(checkLines(journal.map(formatJournalEntry)), []);
}

function ignitionSpoke({ journal }: GuestVerdict): boolean {
  return journal.some(({ identifier }) => identifier === 'ignition');
}

test.serial('the first boot is as healthy as one without a config', (t) => {
  t.true(ignitionSpoke(firstBoot));
  assertHealthy(t, firstBoot);
});

test.serial('host name, files and units are what the config says', async (t) => {
  t.is(await said(machine, 'hostname'), 'configured');
  t.is(await said(machine, 'cat', '/etc/written.conf', '/var/lib/written/secret'), 'below /etc\nbelow /var');
  const modes = await said(machine, 'stat', '--format=%a %U', '/etc/written.conf', '/var/lib/written/secret');
  t.is(modes, '640 root\n600 root');
  t.is(await said(machine, 'systemctl', 'is-active', 'configured.service'), 'active');
  const disabled = await machine.run(['systemctl', 'is-enabled', 'systemd-timesyncd.service'], { okExitCodes: [0, 1] });
  t.is(disabled.stdout.trim(), 'disabled');
  t.is(await said(machine, 'cat', '/var/lib/written/runs'), 'ran');
});

test.serial('the user of the config has his groups, his password and his key, and logs in', async (t) => {
  t.is(await said(machine, 'id', '--groups', '--name', 'core'), 'core sudo');
  t.is((await said(machine, 'getent', 'shadow', 'core')).split(':')[1], passwordHash);
  const { privateKey } = userKey;
  const address = { host: '127.0.0.1', port: await machine.forward(22), user: 'core', privateKey };
  const ssh = await connectSsh(address, bootTimeoutMs, tools.signal);
  try {
    t.is((await ssh.run(['pwd'])).stdout.trim(), '/var/home/core');
  } finally {
    ssh.close();
  }
});

test.serial('the next boot does not run Ignition again, and keeps what it did', async (t) => {
  t.timeout(bootTimeoutMs);
  await machine.run(['sh', '-c', 'echo changed >/etc/written.conf']);
  const secondBoot = await machine.reboot({ timeoutMs: bootTimeoutMs });
  t.false(ignitionSpoke(secondBoot));
  assertHealthy(t, secondBoot);
  t.is(await said(machine, 'cat', '/etc/written.conf', '/etc/hostname'), 'changed\nconfigured');
  t.is(await said(machine, 'cat', '/var/lib/written/runs'), 'ran\nran');
});

test.serial('an external test with config.ign gets a machine that has it, also when it reboots', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const { image } = await sampleIgnitionHost(tools);
  const tests = await discoverTests(fileURLToPath(new URL('../fixtures/kola-ignition', import.meta.url)));
  const pool = machinePool(false, tools);
  const report = await runSuite(tests, { ...suiteOptions, image, outputDir: await temporaryFolder(t) }, tools, pool);
  t.deepEqual(
    report.tests.map(({ name, outcome, reason, reboots }) => ({ name, outcome, reason, reboots })),
    [{ name: 'ext.kola-ignition.configured', outcome: 'passed', reason: '', reboots: 1 }],
  );
});

test.serial('a config that Ignition refuses fails the boot with its reason', async (t) => {
  t.timeout(bootTimeoutMs);
  const { image } = await sampleIgnitionHost(tools);
  const file = join(await temporaryFolder(t), 'bad.ign');
  await writeFile(file, '{"ignition": {"version": "3.3.0"}, "storage": {"files": [{"path": "not/absolute"}]}}');
  const refused = await startTestMachine({ image, hardware: { ignition: file } });
  try {
    const error = await t.throwsAsync(refused.waitForBoot({ timeoutMs: bootTimeoutMs }));
    t.log(error?.message);
    t.regex(
      error?.message ?? '',
      /^the boot failed in the initramfs \(ignition-failed: .*error at \$\.storage\.files\.0\.path, .*: path not absolute\)/,
    );
  } finally {
    await refused.stop();
  }
});
