// The ways into a running guest: forwarded ports, and one ssh connection that is made anew when it is lost.

import { UserError } from '../lib/errors.ts';
import type { QemuProcess } from './process.ts';
import { connectSsh, type Ssh, type SshKey } from './ssh.ts';

export interface GuestConnection {
  /** The port on 127.0.0.1 that leads to a port of the guest; forwards it if need be. */
  forward(guestPort: number): Promise<number>;
  /** The connection as root, made at the first call and again after it was lost. @throws UserError `machine-ended`, or as connectSsh() */
  ssh(timeoutMs?: number): Promise<Ssh>;
  /** Ends the connection, e.g. because the guest that it belongs to is gone. One that is still waited for comes with the next guest. */
  disconnect(): void;
}

const sshTimeoutMs = 60_000;

export function guestConnection(qemu: QemuProcess, sshKey: SshKey, signal: AbortSignal): GuestConnection {
  let connection: Promise<Ssh> | undefined;
  let established: Ssh | undefined;
  const ended = new AbortController();
  void qemu.exited.then(() => {
    ended.abort(new UserError('machine-ended', 'the machine ended before ssh answered'));
  });

  const forward = async (guestPort: number): Promise<number> => {
    const known = (await qemu.forwardedPorts()).get(guestPort);
    if (known !== undefined) return known;
    const complaint = await qemu.qmp.human(`hostfwd_add net0 tcp:127.0.0.1:0-:${guestPort}`);
    const port = (await qemu.forwardedPorts()).get(guestPort);
    if (port === undefined) throw new Error(`QEMU does not forward port ${guestPort}: ${complaint}`);
    return port;
  };
  return {
    forward,
    ssh: (timeoutMs = sshTimeoutMs) => {
      if (connection !== undefined) return connection;
      const either = AbortSignal.any([signal, ended.signal]);
      const fresh = forward(22).then((port) =>
        connectSsh({ host: '127.0.0.1', port, user: 'root', privateKey: sshKey.privateKey }, timeoutMs, either),
      );
      const forget = (): void => {
        if (connection === fresh) connection = established = undefined;
      };
      const use = (made: Ssh): Promise<void> => {
        established = made;
        return made.closed;
      };
      fresh.then(use).then(forget, forget);
      connection = fresh;
      return fresh;
    },
    disconnect: () => {
      if (established === undefined) return;
      established.close();
      connection = established = undefined;
    },
  };
}
