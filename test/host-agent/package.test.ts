import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { requestOperation } from '../../host-agent/cli/client.ts';
import { buildAgentRpms } from '../../host-agent/package/build.ts';
import { bundleAgent, nodeInHost } from '../../host-agent/package/bundle.ts';
import { stripArgv } from '../../host-agent/package/node-rpm.ts';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { fakeHost, runAgent, startDaemon } from '../support/host-agent.ts';
import { temporaryFolder } from '../support/temporary.ts';

const tools = { events: new Events(), signal: new AbortController().signal };
const sourceDateEpoch = 1_767_225_600;

test.serial(
  'bundleAgent() gives one file that begins with the runtime of the host and imports only node:*',
  async (t) => {
    const bundle = await bundleAgent();
    t.true(bundle.startsWith(`#!${nodeInHost}\n`));
    const imported = [...bundle.matchAll(/^import .*? from "(.*)";$/gm)].map((match) => match[1]!);
    t.true(imported.length > 0);
    t.deepEqual(
      imported.filter((name) => !name.startsWith('node:')),
      [],
    );
    t.is(await bundleAgent(), bundle);
  },
);

test.serial('the bundle alone is daemon and command line under plain node', async (t) => {
  const host = await fakeHost(t, 'one');
  const program = join(await temporaryFolder(t), 'slipway-host.mjs');
  await writeFile(program, await bundleAgent());
  await chmod(program, 0o755);
  const unreachable = await runAgent(host, ['status', '--json'], program);
  t.is(unreachable.exitCode, 1);
  t.is(JSON.parse(unreachable.stdout).error.code, 'agent-unreachable');
  await startDaemon(t, host, program);
  t.is((await requestOperation(host.paths.socket, '/v1/upgrade', {}, () => {})).outcome, 'staged');
  const { stdout, exitCode } = await runAgent(host, ['status'], program);
  t.regex(stdout, /^State: an upgrade waits for the reboot\nBoot counter: armed, 3 tries left\n/);
  t.is(exitCode, 0);
});

test.serial('buildAgentRpms() writes packages that rpm accepts, with equal bytes each time', async (t) => {
  const outputDir = join(await temporaryFolder(t), 'a');
  const again = join(await temporaryFolder(t), 'b');
  const rpms = await buildAgentRpms({ outputDir, sourceDateEpoch }, tools);
  for (const [index, file] of (await buildAgentRpms({ outputDir: again, sourceDateEpoch }, tools)).entries()) {
    t.true((await readFile(file)).equals(await readFile(rpms[index]!)), file);
  }
  const [node = '', agent = ''] = rpms;
  t.regex((await run(['rpm', '-K', '--nosignature', node])).stdout, /digests OK/);
  t.regex((await run(['rpm', '-K', '--nosignature', agent])).stdout, /digests OK/);
  const requires = (await run(['rpm', '-qp', '--requires', agent])).stdout.split('\n');
  for (const name of ['slipway-node', 'ostree', 'systemd']) t.true(requires.includes(name), name);
  t.is(
    (await run(['rpm', '-qp', '--qf', '[%{FILEMODES:perms} %{FILENAMES}\n]', agent])).stdout,
    `drwxr-xr-x /etc/slipway
drwxr-xr-x /etc/slipway/health.d
drwxr-xr-x /etc/slipway/host.d
lrwxrwxrwx /usr/bin/slipway
drwxr-xr-x /usr/lib/slipway/health.d
-rw-r--r-- /usr/lib/slipway/host.d/50-default.json
-rwxr-xr-x /usr/lib/slipway/slipway-host.mjs
-rw-r--r-- /usr/lib/systemd/system.conf.d/50-slipway-watchdog.conf
lrwxrwxrwx /usr/lib/systemd/system/boot-complete.target.requires/slipway-health.service
lrwxrwxrwx /usr/lib/systemd/system/multi-user.target.wants/slipway-boot-arm.path
lrwxrwxrwx /usr/lib/systemd/system/multi-user.target.wants/slipway-boot-success.service
-rw-r--r-- /usr/lib/systemd/system/slipway-boot-arm.path
-rw-r--r-- /usr/lib/systemd/system/slipway-boot-arm.service
-rw-r--r-- /usr/lib/systemd/system/slipway-boot-success.service
-rw-r--r-- /usr/lib/systemd/system/slipway-health.service
-rw-r--r-- /usr/lib/systemd/system/slipway-hostd.service
-rw-r--r-- /usr/lib/systemd/system/slipway-hostd.socket
lrwxrwxrwx /usr/lib/systemd/system/sockets.target.wants/slipway-hostd.socket
-rw-r--r-- /usr/lib/tmpfiles.d/slipway-host.conf
`,
  );
});

test.serial('the stripped runtime still runs', async (t) => {
  const stripped = join(await temporaryFolder(t), 'node');
  await run(stripArgv(process.execPath, stripped));
  t.is((await run([stripped, '-p', 'process.version'])).stdout.trim(), process.version);
});
