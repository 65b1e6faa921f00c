// An ssh server in this process that runs commands with a POSIX shell, for tests of the client.

import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import ssh2 from 'ssh2';

/** Starts a server that lets in whoever has the key. Gives its port on 127.0.0.1; it is closed when the test ends. */
export async function startSshServer(t: ExecutionContext, publicKey: string): Promise<number> {
  const hostKey = ssh2.utils.generateKeyPairSync('ed25519').private;
  const allowed = ssh2.utils.parseKey(publicKey);
  if (allowed instanceof Error) throw allowed;
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (attempt) => {
      const matches = attempt.method === 'publickey' && attempt.key.data.equals(allowed.getPublicSSH());
      if (matches) attempt.accept();
      else attempt.reject(['publickey']);
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const child = spawn('sh', ['-c', command]);
        channel.pipe(child.stdin);
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        child.on('close', (exitCode) => {
          channel.exit(exitCode ?? 255);
          channel.end();
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}
