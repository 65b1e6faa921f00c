// Whether an ssh server answers on a port, without logging in: it speaks first (RFC 4253, section 4.2).

import { connect } from 'node:net';

/** Longer than a busy machine without KVM needs to start a process. */
const limitMs = 60_000;

/** Why it does not answer, null when it does. @param port on 127.0.0.1 */
export function sshSilence(port: number, timeoutMs = limitMs): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let said = '';
    const end = (reason: string | null): void => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(timeoutMs, () => end(`port 22 said nothing for ${timeoutMs / 1000} s`));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      said += chunk;
      if (/^SSH-2\.0-/m.test(said)) end(null);
    });
    socket.on('error', () => end('nothing listens on port 22'));
    // QEMU takes the connection before it asks the guest, and closes it when the guest refuses.
    socket.on('close', () => end('nothing listens on port 22'));
  });
}
