import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { readBootCounter } from '../../host-agent/boot/boot-counter.ts';
import { readFailedDeployments, rememberFailedDeployment } from '../../host-agent/boot/failed-deployments.ts';
import { fakeHost, runAgent, version1, version2 } from '../support/host-agent.ts';

test.serial('boot-success ends the trial of a deployment that started', async (t) => {
  const host = await fakeHost(t, 'upgraded', { boot_counter: '2' });
  await rememberFailedDeployment(host.paths.failedDeployments, { checksum: version2, version: '2', failedAt: 'then' });
  const { stdout, exitCode } = await runAgent(host, ['boot-success']);
  t.is(stdout, 'this boot is good\n');
  t.is(exitCode, 0);
  t.deepEqual(await readBootCounter(host.paths.bootEnvironment), { supported: true, triesLeft: null });
  t.deepEqual(await readFailedDeployments(host.paths.failedDeployments), []);
  t.deepEqual(await host.changes(), []);
});

test.serial('boot-success makes a fallback permanent and remembers what failed', async (t) => {
  const host = await fakeHost(t, 'reverted', { boot_counter: '3' });
  await host.setStatus('upgraded', 'status-set-default-1');
  const { stdout } = await runAgent(host, ['boot-success']);
  t.is(stdout, `version 1 (${version1}) did not start; the booted deployment is the default again\n`);
  t.deepEqual(await host.changes(), ['ostree admin set-default 1']);
  t.deepEqual(await readBootCounter(host.paths.bootEnvironment), { supported: true, triesLeft: null });
  const [failed] = await readFailedDeployments(host.paths.failedDeployments);
  t.like(failed, { checksum: version1, version: '1' });
});

test.serial('boot-success leaves the counter armed when the default cannot be changed', async (t) => {
  const host = await fakeHost(t, 'reverted', { boot_counter: '2' });
  await host.set('fail', 'admin set-default');
  const { exitCode, stderr } = await runAgent(host, ['boot-success']);
  t.is(exitCode, 1);
  t.regex(stderr, /^error: ostree failed with exit status 1\n.*HTTP 404\ncommand: ostree admin set-default 1\n$/s);
  t.deepEqual(await readBootCounter(host.paths.bootEnvironment), { supported: true, triesLeft: 3 });
});

test.serial('boot-success leaves the default alone when the entry was chosen by hand', async (t) => {
  const host = await fakeHost(t, 'reverted');
  t.is((await runAgent(host, ['boot-success'])).stdout, 'this boot is chosen-by-hand\n');
  t.deepEqual(await host.changes(), []);
  t.deepEqual(await readFailedDeployments(host.paths.failedDeployments), []);
});

test.serial('boot-success judges a boot once, so that a later rollback is not taken for a fallback', async (t) => {
  const host = await fakeHost(t, 'upgraded', { boot_counter: '2' });
  await runAgent(host, ['boot-success']);
  await host.setStatus('reverted');
  await runAgent(host, ['boot-arm']);
  t.is((await runAgent(host, ['boot-success'])).stdout, 'this boot was judged before\n');
  t.deepEqual(await host.changes(), []);
});

test.serial('boot-success keeps the counter armed for a deployment that is staged already', async (t) => {
  const host = await fakeHost(t, 'staged', { boot_counter: '3' });
  await mkdir(dirname(host.paths.stagedDeployment), { recursive: true });
  await writeFile(host.paths.stagedDeployment, '');
  await runAgent(host, ['boot-success']);
  t.deepEqual(await readBootCounter(host.paths.bootEnvironment), { supported: true, triesLeft: 3 });
});

test.serial('boot-success and boot-arm work on a host without a boot counter', async (t) => {
  const host = await fakeHost(t, 'one', null);
  t.is((await runAgent(host, ['boot-success'])).stdout, 'this boot is good\n');
  t.is((await runAgent(host, ['boot-arm'])).stdout, 'this host has no boot counter\n');
});

async function addCheck(folder: string, name: string, script: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

test.serial('health runs all checks by name; a file in /etc replaces one in /usr', async (t) => {
  const host = await fakeHost(t, 'upgraded');
  const [usr = '', etc = ''] = host.paths.healthFolders;
  await addCheck(usr, '20-usr', 'exit 1');
  await addCheck(etc, '20-usr', 'exit 0');
  await addCheck(etc, '10-etc', 'exit 0');
  await writeFile(join(etc, 'README'), 'not executable');
  const { stdout, exitCode } = await runAgent(host, ['health']);
  t.is(stdout, `healthy: ${etc}/10-etc\nhealthy: ${etc}/20-usr\n`);
  t.is(exitCode, 0);
});

test.serial('health reboots a trial boot that is not healthy', async (t) => {
  const host = await fakeHost(t, 'upgraded', { boot_counter: '2' });
  await addCheck(host.paths.healthFolders[1]!, '10-bad', 'exit 3');
  const { stdout, exitCode } = await runAgent(host, ['health']);
  t.regex(stdout, /^FAILED: .*10-bad .* failed with exit status 3\nthis boot is on trial: rebooting\n$/);
  t.is(exitCode, 1);
  t.deepEqual(await host.changes(), ['systemctl reboot --no-block']);
});

test.serial('health does not reboot a host that is not on trial, nor one that has fallen back', async (t) => {
  for (const [status, environment] of [
    ['upgraded', {}],
    ['reverted', { boot_counter: '3' }],
  ] as const) {
    const host = await fakeHost(t, status, environment);
    await addCheck(host.paths.healthFolders[1]!, '10-bad', 'exit 3');
    t.is((await runAgent(host, ['health'])).exitCode, 1);
    t.deepEqual(await host.changes(), []);
  }
});

test.serial('health ends a check that takes too long', async (t) => {
  const host = await fakeHost(t, 'upgraded');
  await addCheck(host.paths.healthFolders[1]!, '10-slow', 'exec sleep 60');
  await addCheck(host.paths.configFolders[1]!, '10.json', '');
  await writeFile(join(host.paths.configFolders[1]!, '10.json'), '{"healthCheckTimeoutSeconds": 1}');
  t.regex((await runAgent(host, ['health'])).stdout, /^FAILED: .*10-slow .* did not end within 1 s\n$/);
});
