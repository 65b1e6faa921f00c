// The ssh connection of a machine, with a QEMU that only tells a port and its end.

import { createServer } from 'node:net';
import test from 'ava';
import { type GuestConnection, guestConnection } from '../../qemu/guest-ssh.ts';
import type { QemuExit, QemuProcess } from '../../qemu/process.ts';
import { generateSshKey } from '../../qemu/ssh.ts';
import { startSshServer } from './support/ssh-server.ts';

const key = generateSshKey();

/** A connection to the port that `port` gives, and what ends its QEMU. */
function connectionTo(port: () => Promise<number>): { readonly connection: GuestConnection; endQemu(): void } {
  const exited = Promise.withResolvers<QemuExit>();
  const qemu = { exited: exited.promise, forwardedPorts: async () => new Map([[22, await port()]]) };
  return {
    connection: guestConnection(qemu as unknown as QemuProcess, key, new AbortController().signal),
    endQemu: () => exited.resolve({ exitCode: null, signal: 'SIGKILL', output: '' }),
  };
}

test('ssh() ends with the machine, long before its time is over', async (t) => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => silent.close());
  const { port } = silent.address() as { port: number };
  const { connection, endQemu } = connectionTo(async () => port);
  const ssh = connection.ssh(60_000);
  endQemu();
  await t.throwsAsync(ssh, { code: 'machine-ended', message: 'the machine ended before ssh answered' });
});

test('disconnect() ends a connection, and lets one that is waited for come', async (t) => {
  const port = await startSshServer(t, key.publicKey);
  const known = Promise.withResolvers<number>();
  const { connection } = connectionTo(() => known.promise);
  const waitedFor = connection.ssh();
  connection.disconnect(); // the guest is reset while it boots
  known.resolve(port);
  const ssh = await waitedFor;
  t.is((await ssh.run(['echo', 'here'])).stdout, 'here\n');
  t.is(await connection.ssh(), ssh);
  connection.disconnect();
  await ssh.closed;
  const next = await connection.ssh();
  t.not(next, ssh);
  next.close();
});
