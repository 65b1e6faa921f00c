// The sample host, theme boot: what runs, from which deployment, and what is kept of it.

import { test } from '../support/sample-host.ts';

test('boot: the host is running, with no failed unit and no job left', async (t) => {
  const { host } = t.context;
  await host.expect(['systemctl', 'is-system-running'], 'running');
  await host.expect(['systemctl', 'list-units', '--failed', '--no-legend', '--plain'], '');
  await host.expect(['systemctl', 'list-jobs', '--no-legend'], /^(No jobs running\.)?$/);
  await host.expect(['systemctl', 'get-default'], 'multi-user.target');
  t.pass();
});

test('boot: the kernel was started for the deployment that runs', async (t) => {
  const { host } = t.context;
  const commandLine = await host.expect(['cat', '/proc/cmdline'], /\bostree=\/ostree\/boot\.\S+/);
  const [, link] = /ostree=(\S+)/.exec(commandLine)!;
  const deployment = await host.expect(
    ['readlink', '--canonicalize', `/sysroot${link}`],
    /^\/sysroot\/ostree\/deploy\//,
  );
  const [, commit] = /\/([0-9a-f]{64})\.\d+$/.exec(deployment)!;
  const status = (await host.run(['ostree', 'admin', 'status'])).stdout;
  t.regex(status, new RegExp(`^\\* \\S+ ${commit}\\.\\d+`, 'm'));
});

test('boot: the running kernel is the one of the tree', async (t) => {
  const { host } = t.context;
  const release = (await host.run(['uname', '--kernel-release'])).stdout.trim();
  await host.expect(['ls', '/usr/lib/modules'], release);
  await host.run(['test', '-s', `/usr/lib/modules/${release}/vmlinuz`]);
  t.is((await host.run(['cat', '/proc/sys/kernel/tainted'])).stdout.trim(), '0');
});

test('boot: the host has a machine id of its own, which is not in the tree', async (t) => {
  const { host } = t.context;
  await host.expect(['cat', '/etc/machine-id'], /^[0-9a-f]{32}$/);
  const { stdout } = await host.run(['sh', '-c', 'cat /usr/etc/machine-id 2>/dev/null || true']);
  t.true(['', 'uninitialized'].includes(stdout.trim()), stdout);
});

test('boot: the journal has no message of an error', async (t) => {
  const known = [
    // The generator of systemd 256 and 257 fails in machines without a vsock device.
    /systemd-ssh-generator/,
  ];
  const errors = await t.context.host.journal({ priority: 'err' });
  const lines = errors.filter((line) => !known.some((pattern) => pattern.test(line)));
  t.deepEqual(lines, []);
});

test('boot: systemd-tmpfiles made all that packages ask for, and says no more than that two ask for the same', async (t) => {
  const { host } = t.context;
  const lines = await host.journal({ identifier: 'systemd-tmpfiles' });
  t.deepEqual(
    lines.filter((line) => !/: Duplicate line for path "[^"]+", ignoring\.$/.test(line)),
    [],
  );
  // Behind links of the top level too: systemd's own line for the keys of root.
  await host.expect(['stat', '--format=%a %U', '/root/.ssh'], '700 root');
});

test('boot: the journal is kept in /var from the first boot on, and is read by its group', async (t) => {
  const { host } = t.context;
  const kept = ['--directory=/var/log/journal', '--boot', '--output=cat'];
  await host.run(['systemd-cat', '--identifier=here', 'echo', 'said to be kept']);
  await host.run(['journalctl', '--sync']);
  await host.expect(['journalctl', ...kept, '--identifier=here'], 'said to be kept');
  await host.expect(['journalctl', ...kept, '--dmesg', '--grep=^Linux version'], /^Linux version /);
  await host.expect(['stat', '--format=%a %G', '/var/log/journal'], '2755 systemd-journal');
  const id = await host.expect(['cat', '/etc/machine-id'], /./);
  await host.expect(['stat', '--format=%a %G', `/var/log/journal/${id}/system.journal`], '640 systemd-journal');
  t.is((await host.run(['ls', `/run/log/journal/${id}`], { okExitCodes: [0, 2] })).stdout, '');
});

test('boot: the boot was counted as good by the agent', async (t) => {
  const { host } = t.context;
  await host.expect(['systemctl', 'show', '--property=Result', '--value', 'slipway-boot-success.service'], 'success');
  const { stdout } = await host.run(['slipway', 'host', 'status', '--json']);
  const status = JSON.parse(stdout) as {
    readonly lastFailure: unknown;
    readonly failedDeployments: readonly unknown[];
  };
  t.is(status.lastFailure, null);
  t.deepEqual(status.failedDeployments, []);
});
