// The power goes while the sample host upgrades: what had been flushed is all that is left, and the host is whole.

import { setTimeout as sleep } from 'node:timers/promises';
import { bootTest } from '../../qemu/host/testing.ts';
import { bootTimeoutMs, tools } from '../boot/support/machine.ts';
import { serveFolder } from '../boot/support/static-server.ts';
import { sampleHost, sampleUpdate } from '../support/sample-host.ts';

const test = bootTest({
  image: async () => (await sampleHost(tools)).image,
  hardware: { writeLog: true },
  bootTimeoutMs,
});

test('after a power cut in the middle of an upgrade the host boots what it had, and the next upgrade succeeds', async (t) => {
  t.timeout(bootTimeoutMs * 4);
  const { host } = t.context;
  const { first } = await sampleHost(tools);
  const { repo, second } = await sampleUpdate(tools);
  const server = await serveFolder(repo);
  t.teardown(() => server.close());
  const url = `http://10.0.2.2:${server.port}`;
  const long = { timeoutMs: bootTimeoutMs };
  await host.run(['ostree', 'remote', 'add', '--force', '--no-gpg-verify', 'slipway', url]);
  await host.run(['sh', '-c', 'echo kept >/var/lib/of-this-host && sync']);
  await host.run(['systemd-run', '--quiet', '--unit=upgrade', 'slipway', 'host', 'upgrade']);
  await sleep(5_000); // in the middle of its work, wherever that is
  await host.powerCut();
  await host.expect(['ostree', 'admin', 'status'], new RegExp(`^\\* \\S+ ${first.checksum}`));
  await host.expect(['cat', '/var/lib/of-this-host'], 'kept');
  await host.run(['ostree', 'fsck', '--quiet'], long);
  await host.run(['slipway', 'host', 'upgrade'], long);
  await host.reboot();
  await host.expect(['ostree', 'admin', 'status'], new RegExp(`^\\* \\S+ ${second.checksum}`));
  await host.expect(['cat', '/var/lib/of-this-host'], 'kept');
  t.pass();
});
