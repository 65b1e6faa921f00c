import { type AddressInfo, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { sshSilence } from '../../qemu/ssh-answer.ts';

async function portThat(t: ExecutionContext, answer: (socket: Socket) => void): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('sshSilence() is null when a server speaks, also after other lines', async (t) => {
  t.is(await sshSilence(await portThat(t, (socket) => socket.write('wait\r\nSSH-2.0-OpenSSH_9.9\r\n'))), null);
});

test("sshSilence() tells a port that nothing listens on, as QEMU's forwarding shows it", async (t) => {
  t.is(await sshSilence(await portThat(t, (socket) => socket.end())), 'nothing listens on port 22');
});

test('sshSilence() tells a port that stays silent', async (t) => {
  const sockets: Socket[] = [];
  t.teardown(() => void sockets.map((socket) => socket.destroy()));
  const port = await portThat(t, (socket) => sockets.push(socket));
  t.is(await sshSilence(port, 1_000), 'port 22 said nothing for 1 s');
});
