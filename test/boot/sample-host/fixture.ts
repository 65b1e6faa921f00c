// What tests do with a host, against a real one.

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/temporary.ts';
import { test } from '../support/sample-host.ts';

test('fixture: copy() carries a file there and back, byte by byte, with its mode', async (t) => {
  const { host } = t.context;
  const folder = await temporaryFolder(t);
  const [there, back] = [join(folder, 'there'), join(folder, 'back')];
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
  await writeFile(there, bytes, { mode: 0o751 });
  await host.copy(there, 'host:/var/tmp/new folder/it');
  await host.expect(['stat', '--format=%a %s', '/var/tmp/new folder/it'], '751 100000');
  await host.copy('host:/var/tmp/new folder/it', back);
  t.deepEqual(await readFile(back), bytes);
  t.is((await stat(back)).mode & 0o777, 0o751);
});

test('fixture: snapshot() goes back in RAM and on the disk', async (t) => {
  const { host } = t.context;
  await host.run(['touch', '/run/before', '/var/before']);
  const back = await host.snapshot();
  await host.run(['touch', '/run/after', '/var/after']);
  await back();
  await host.run(['test', '-e', '/run/before', '-a', '-e', '/var/before']);
  t.is((await host.run(['ls', '/run/after', '/var/after'], { okExitCodes: [0, 2] })).stdout, '');
});

test('fixture: reboot() says at once what systemd has against it', async (t) => {
  const { host } = t.context;
  await host.run(['systemctl', 'mask', '--runtime', 'reboot.target']);
  const startedAt = performance.now();
  await t.throwsAsync(host.reboot(), {
    code: 'reboot-refused',
    // logind's word for a unit that is masked.
    message: 'the guest does not reboot: systemctl reboot ended with status 1: Call to Reboot failed: Access denied',
  });
  t.true(performance.now() - startedAt < 60_000);
  await host.run(['true']);
});

test('fixture: console and journal say what the guest said', async (t) => {
  const { host } = t.context;
  await host.run(['sh', '-c', 'echo "said to the console" >/dev/ttyS0']);
  await host.run(['systemd-cat', '--identifier=here', '--priority=err', 'echo', 'said to the journal']);
  await host.run(['journalctl', '--sync']);
  t.regex((await host.journal({ identifier: 'here', priority: 'err' })).join('\n'), /said to the journal/);
  t.true(host.console().some((line) => line.includes('said to the console')));
});
