// The sample host, theme network: its lease, its names, what it listens to and its packet filter.

import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from '../support/sample-host.ts';

test('network: the card has the address, the gateway and the name server of the DHCP lease', async (t) => {
  const { host } = t.context;
  await host.expect(['ip', '-4', '-brief', 'address', 'show', 'scope', 'global'], /^e\S+\s+UP\s+10\.0\.2\.15\/24/);
  await host.expect(['ip', '-4', 'route', 'show', 'default'], /^default via 10\.0\.2\.2 dev e\S+ proto dhcp/);
  await host.expect(['resolvectl', 'dns'], /10\.0\.2\.3/);
  t.pass();
});

test('network: names go to systemd-resolved, and those of this host are known', async (t) => {
  const { host } = t.context;
  await host.expect(['readlink', '--canonicalize', '/etc/resolv.conf'], '/run/systemd/resolve/stub-resolv.conf');
  await host.expect(['getent', 'ahosts', 'localhost'], /^(::1|127\.0\.0\.1)\s/);
  const name = await host.expect(['hostname'], 'slipway-sample');
  await host.expect(['getent', 'hosts', name], /slipway-sample/);
  t.pass();
});

test('network: ssh alone is open to the network', async (t) => {
  const { stdout } = await t.context.host.run(['ss', '--no-header', '--listening', '--numeric', '--tcp']);
  const open = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[3]!);
  // Loopback, and systemd-resolved for names on the local link.
  t.deepEqual([...new Set(open.filter((place) => !/^(127\.|\[::1\])|:5355$/.test(place)))].sort(), [
    '0.0.0.0:22',
    '[::]:22',
  ]);
});

test('network: the packet filter drops what its rules say, and nothing else', async (t) => {
  const { host } = t.context;
  const port = await host.forward(22);
  t.regex((await greeting(port, 20_000)) ?? '', /^SSH-2\.0-/);
  const rules = 'table inet t { chain c { type filter hook input priority 0; tcp dport 22 drop; }; }\n';
  await host.run(['nft', '--file', '-'], { input: rules });
  t.is(await greeting(port, 3_000), null);
  await host.run(['nft', 'flush', 'ruleset']);
  t.regex((await greeting(port, 20_000)) ?? '', /^SSH-2\.0-/);
});

test('network: the link comes back after the cable was pulled', async (t) => {
  const { host } = t.context;
  const state = ['networkctl', '--no-legend', 'list'];
  await host.machine.network.cut();
  await host.run(['sh', '-c', 'until networkctl --no-legend list | grep -q no-carrier; do sleep 0.2; done']);
  await host.machine.network.mend();
  await host.run(['/usr/lib/systemd/systemd-networkd-wait-online', '--ipv4', '--timeout=120']);
  await host.expect(state, /routable/);
  await host.expect(['ip', '-4', 'route', 'show', 'default'], /via 10\.0\.2\.2/);
  t.pass();
});

/** What sshd says first, or null. QEMU itself takes the connection, so only words prove anything. */
async function greeting(port: number, limitMs: number): Promise<string | null> {
  const socket = connect(port, '127.0.0.1');
  try {
    const [words] = (await once(socket, 'data', { signal: AbortSignal.timeout(limitMs) })) as [Buffer];
    return words.toString();
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}
