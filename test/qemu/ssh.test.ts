import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { ToolError, UserError } from '../../lib/errors.ts';
import { connectSsh, generateSshKey, type Ssh } from '../../qemu/ssh.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { startSshServer } from './support/ssh-server.ts';

const key = generateSshKey();
const signal = new AbortController().signal;

async function connected(t: ExecutionContext): Promise<Ssh> {
  const port = await startSshServer(t, key.publicKey);
  const ssh = await connectSsh(addressOf(port), 10_000, signal);
  t.teardown(() => ssh.close());
  return ssh;
}

function addressOf(port: number, privateKey = key.privateKey) {
  return { host: '127.0.0.1', port, user: 'root', privateKey };
}

test('run() passes each argument unchanged through the shell of the guest', async (t) => {
  const ssh = await connected(t);
  const words = ['plain', 'two words', "it's", '$HOME', '`id`', 'a\nb', '*', ''];
  const { stdout } = await ssh.run(['printf', '<%s>', ...words]);
  t.is(stdout, words.map((word) => `<${word}>`).join(''));
});

test('run() gives input to the command and its exit status back', async (t) => {
  const ssh = await connected(t);
  const result = await ssh.run(['sh', '-c', 'cat; echo oops >&2; exit 3'], { input: 'in', okExitCodes: [3] });
  t.deepEqual(result, { stdout: 'in', stderr: 'oops\n', exitCode: 3 });
});

test('run() fails with the command and its output', async (t) => {
  const ssh = await connected(t);
  const error = await t.throwsAsync<ToolError>(ssh.run(['sh', '-c', 'echo no; exit 4']));
  t.is(error!.message, 'in the guest sh failed with exit status 4');
  t.is(error!.command, "sh -c 'echo no; exit 4'");
  t.is(error!.output, 'no');
});

test('run() ends a command that takes too long', async (t) => {
  const ssh = await connected(t);
  await t.throwsAsync(ssh.run(['sleep', '5'], { timeoutMs: 200 }), {
    message: 'in the guest sleep did not end within 0.2 s',
  });
});

test('run() ends in time when the guest falls silent, and `closed` tells the end of the connection', async (t) => {
  const port = await startSshServer(t, key.publicKey);
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    client.pipe(server).pipe(client);
    silence = () => {
      client.unpipe(server);
      server.unpipe(client);
    };
    hangUp = () => {
      client.destroy();
      server.destroy();
    };
  });
  let silence = (): void => {};
  let hangUp = (): void => {};
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => proxy.close());
  const ssh = await connectSsh(addressOf((proxy.address() as AddressInfo).port), 10_000, signal);
  silence();
  await t.throwsAsync(ssh.run(['true'], { timeoutMs: 200 }), { message: 'in the guest true did not end within 0.2 s' });
  hangUp();
  await t.notThrowsAsync(ssh.closed);
});

test('upload() and download() carry the very bytes', async (t) => {
  const ssh = await connected(t);
  const file = join(await temporaryFolder(t), "it's a file");
  const bytes = Buffer.from([0, 1, 2, 10, 13, 255]);
  await ssh.upload(bytes, file);
  t.deepEqual(await readFile(file), bytes);
  t.deepEqual(await ssh.download(file), bytes);
});

test('connectSsh() tries again until the server is there', async (t) => {
  const sshPort = await startSshServer(t, key.publicKey);
  // Drops its first connections, as QEMU does while the guest has no sshd yet, and then leads to one.
  let dropped = 0;
  const forward = createServer((socket) => {
    if (dropped++ < 2) return socket.destroy();
    socket.pipe(connect(sshPort, '127.0.0.1')).pipe(socket);
  });
  await new Promise<void>((resolve) => forward.listen(0, '127.0.0.1', resolve));
  t.teardown(() => forward.close());
  const ssh = await connectSsh(addressOf((forward.address() as AddressInfo).port), 20_000, signal);
  t.is((await ssh.run(['echo', 'here'])).stdout, 'here\n');
  t.is(dropped, 3);
  ssh.close();
});

test('connectSsh() says at once when the key is refused', async (t) => {
  const port = await startSshServer(t, generateSshKey().publicKey);
  const error = await t.throwsAsync<UserError>(connectSsh(addressOf(port), 10_000, signal));
  t.is(error!.code, 'ssh-refused');
});

test('connectSsh() says when nothing answered in time', async (t) => {
  const error = await t.throwsAsync<UserError>(connectSsh(addressOf(1), 500, signal));
  t.is(error!.code, 'ssh-silent');
});
