// The sample host from its first boot to an upgrade and back: one machine, one boot for all that only looks, one for each step.

import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { PackageLock } from '../../compose/resolve/lock.ts';
import type { ImagesDocument } from '../../images/images-document.ts';
import { partitionNamed } from '../../images/layout.ts';
import { readDocument } from '../../lib/documents.ts';
import { run } from '../../lib/run.ts';
import { checkLines } from '../../qemu/console-checks.ts';
import type { Machine } from '../../qemu/machine-run.ts';
import { formatJournalEntry, type GuestVerdict } from '../../qemu/verdict.ts';
import { sampleScriptletFiles } from '../distro/packages/release.ts';
import { type SampleHost, type SampleUpdate, sampleHost, sampleUpdate } from '../support/sample-host.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { bootTimeoutMs, said, startTestMachine, stopAfterwards, tools } from './support/machine.ts';
import { type StaticServer, serveFolder } from './support/static-server.ts';

let host: SampleHost;
let update: SampleUpdate;
let machine: Machine;
let server: StaticServer | undefined;
let firstBoot: GuestVerdict;

test.before('make the sample host and boot it under BIOS', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  host = await sampleHost(tools);
  update = await sampleUpdate(tools);
  machine = await startTestMachine({ image: host.image, guestPorts: [8080] });
  firstBoot = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
});
stopAfterwards(test, () => machine);
test.after.always('stop the server', () => server?.close());

function assertHealthy(t: { deepEqual: (a: unknown, b: unknown) => void }, verdict: GuestVerdict): void {
  t.deepEqual({ state: verdict.state, failed: verdict.failedUnits }, { state: 'running', failed: [] });
  t.deepEqual(checkLines(verdict.journal.map(formatJournalEntry)), []);
}

interface HostStatus {
  readonly deployments: readonly { readonly checksum: string; readonly booted: boolean; readonly staged: boolean }[];
}

async function deployments(): Promise<HostStatus['deployments']> {
  return (JSON.parse(await said(machine, 'slipway', 'host', 'status', '--json')) as HostStatus).deployments;
}

async function bootedCommit(): Promise<string | undefined> {
  return (await deployments()).find((deployment) => deployment.booted)?.checksum;
}

test('the host boots under BIOS: no failed unit, clean console and journal', (t) => {
  assertHealthy(t, firstBoot);
  t.deepEqual(checkLines(machine.console.lines().map((line) => line.text)), []);
});

test('/usr is read-only', async (t) => {
  const { exitCode, stderr } = await machine.run(['touch', '/usr/new'], { okExitCodes: [0, 1] });
  t.is(exitCode, 1);
  t.regex(stderr, /Read-only file system/);
});

test('`ostree admin status` and `slipway host status` show the commit that was composed', async (t) => {
  const status = await said(machine, 'ostree', 'admin', 'status');
  t.true(status.startsWith(`* `) && status.includes(host.first.checksum), status);
  t.is(await bootedCommit(), host.first.checksum);
});

test("the image's root file system and the repository of the commit are clean", async (t) => {
  const folder = await temporaryFolder(t);
  const raw = join(folder, 'image.raw');
  await run(['qemu-img', 'convert', '-O', 'raw', host.image, raw]);
  const { disk } = await readDocument<ImagesDocument>(join(dirname(host.image), 'images.json'), 'images', 1);
  const { exitCode, stdout } = await run([
    'e2fsck',
    '-f',
    '-n',
    `${raw}?offset=${partitionNamed(disk!, 'root').offset}`,
  ]);
  t.is(exitCode, 0, stdout);
  await run(['ostree', 'fsck', `--repo=${host.repo}`, '--quiet']);
});

async function assertInstalled(t: ExecutionContext, { packages }: PackageLock): Promise<void> {
  const installed = await said(machine, 'rpm', '-qa', '--qf', '%{NAME} %{EPOCHNUM} %{VERSION} %{RELEASE} %{ARCH}\\n');
  const locked = packages.map(({ name, epoch, version, release, arch }) =>
    [name, epoch, version, release, arch].join(' '),
  );
  t.deepEqual(installed.split('\n').sort(), locked.sort());
}

test('`rpm -qa` lists exactly the lock', (t) => assertInstalled(t, host.first.lock));

test('scriptlets of every kind ran when the tree was made: what they leave is there', async (t) => {
  const scripts = await said(machine, 'rpm', '-qa', '--scripts', '--filetriggers');
  const kinds = /^(preinstall|postinstall|posttrans) (?:scriptlet|program)|^(filetriggerin|transfiletriggerin) /gm;
  t.deepEqual([...new Set([...scripts.matchAll(kinds)].map(([, plain, trigger]) => plain ?? trigger))].sort(), [
    ...['filetriggerin', 'postinstall', 'posttrans', 'preinstall', 'transfiletriggerin'],
  ]);
  t.is(await said(machine, 'cat', sampleScriptletFiles.post), 'version 1, instances 1');
  t.regex(await said(machine, 'cat', sampleScriptletFiles.fileTrigger), /^\/usr\/share\/slipway-sample\/version$/m);
  await said(machine, 'getent', 'passwd', 'messagebus', 'sshd');
  const kernel = await said(machine, 'uname', '-r');
  const made = [`/usr/lib/modules/${kernel}/modules.dep`, '/etc/ld.so.cache', '/etc/ssl/certs/ca-certificates.crt'];
  await said(machine, 'ls', ...made);
});

test('`rpm -Va` finds no dependency missing, and nothing changed but accounts and what the boot itself makes', async (t) => {
  // Content, type, link target, owner and mode. OSTree keeps no times, /var belongs to the host, and the treefile leaves documentation
  // (marked d) out.
  const { stdout } = await machine.run(['rpm', '-Va', '--nomtime', '--noscripts'], {
    okExitCodes: [0, 1],
    timeoutMs: bootTimeoutMs,
  });
  const problems = stdout.split('\n').filter((line) => line !== '' && !/^missing +d | \/var\//.test(line));
  const accounts = ['group', 'gshadow', 'passwd', 'shadow'].map((name) => `/etc/${name}`);
  const byTheBoot = ['/etc/credstore', '/etc/credstore.encrypted', '/proc', '/sys']; // modes, by systemd-tmpfiles and the kernel
  t.deepEqual(problems.map((line) => line.replace(/^.* (?=\/)/, '')).sort(), [...accounts, ...byTheBoot].sort());
});

test('a container made from a local root file system runs under podman, with network and a published port', async (t) => {
  const root = '/var/tmp/container';
  await machine.run(['mkdir', '-p', `${root}/bin`, `${root}/www`]);
  await machine.run(['cp', '/usr/bin/busybox', `${root}/bin/`]);
  await (await machine.ssh()).upload('from the container\n', `${root}/www/index.html`);
  await machine.run(['tar', '--create', '--file', `${root}.tar`, '--directory', root, '.']);
  await said(machine, 'podman', 'import', `${root}.tar`, 'localhost/busybox');
  const serve = ['/bin/busybox', 'httpd', '-f', '-p', '80', '-h', '/www'];
  await said(
    machine,
    'podman',
    'run',
    '--detach',
    '--name',
    'web',
    '--publish',
    '8080:80',
    'localhost/busybox',
    ...serve,
  );
  const port = await machine.forward(8080);
  t.is(await fetchText(`http://127.0.0.1:${port}/`), 'from the container\n');
  const outside = await serveFolder(update.repo);
  t.teardown(() => outside.close());
  const fetched = ['/bin/busybox', 'wget', '-q', '-O', '-', `http://10.0.2.2:${outside.port}/config`];
  t.regex(await said(machine, 'podman', 'exec', 'web', ...fetched), /mode=archive/);
  await said(machine, 'podman', 'rm', '--force', '--time', '0', 'web');
});

test('an upgrade by the agent boots the second commit, with /etc merged and /var kept', async (t) => {
  server = await serveFolder(update.repo);
  const url = `http://10.0.2.2:${server.port}`;
  await machine.run(['ostree', 'remote', 'add', '--force', '--no-gpg-verify', 'slipway', url]);
  await (await machine.ssh()).upload('mine\n', '/etc/of-this-host');
  await (await machine.ssh()).upload('kept\n', '/var/lib/of-this-host');
  await (await machine.ssh()).upload('edited here\n', '/etc/slipway-sample-edited.conf'); // which the second commit changes too
  await said(machine, 'systemd-cat', '--identifier=here', 'echo', 'said before the reboot');
  await said(machine, 'slipway', 'host', 'upgrade');
  await (await machine.ssh()).upload('edited after staging\n', '/etc/late');
  assertHealthy(t, await machine.reboot({ timeoutMs: bootTimeoutMs }));
  t.is(await bootedCommit(), update.second.checksum);
  t.is(await said(machine, 'cat', '/usr/share/slipway-sample/version'), '2');
  t.regex(await said(machine, 'cat', '/etc/slipway-sample.conf'), /version=2/);
  t.is(await said(machine, 'cat', '/etc/of-this-host'), 'mine');
  t.is(await said(machine, 'cat', '/etc/slipway-sample-edited.conf'), 'edited here');
  t.is(await said(machine, 'cat', '/etc/late'), 'edited after staging');
  t.is(await said(machine, 'cat', '/var/lib/of-this-host'), 'kept');
  t.is(await said(machine, 'journalctl', '--boot=-1', '--identifier=here', '--output=cat'), 'said before the reboot');
  await assertInstalled(t, update.second.lock);
  t.deepEqual(
    (await deployments()).map((deployment) => deployment.checksum),
    [update.second.checksum, host.first.checksum],
  );
});

test('a rollback boots the first commit again, with /etc of that deployment and /var kept', async (t) => {
  await said(machine, 'slipway', 'host', 'rollback');
  assertHealthy(t, await machine.reboot({ timeoutMs: bootTimeoutMs }));
  t.is(await bootedCommit(), host.first.checksum);
  t.is(await said(machine, 'cat', '/usr/share/slipway-sample/version'), '1');
  t.regex(await said(machine, 'cat', '/etc/slipway-sample.conf'), /version=1/);
  t.is(await said(machine, 'cat', '/etc/of-this-host'), 'mine');
  await said(machine, 'ostree', 'fsck', '--quiet');
  t.is(await said(machine, 'cat', '/var/lib/of-this-host'), 'kept');
});

// The published port opens a moment after podman has ended.
async function fetchText(url: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
      return await response.text();
    } catch (error) {
      if (attempt === 10) throw error;
      await sleep(1_000);
    }
  }
}
