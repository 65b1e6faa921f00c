// Listening on the socket that systemd holds open (sd_listen_fds(3)), and ending when nobody has asked for a while, so that the agent costs no memory.
// A client that connects while the daemon ends waits in the socket's queue, and systemd starts the daemon again for it.

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const firstPassedDescriptor = 3;

/** The descriptor of the socket that systemd passed to this process, or undefined. */
export function passedSocket(environment: NodeJS.ProcessEnv, pid: number): number | undefined {
  if (environment.LISTEN_PID !== String(pid) || environment.LISTEN_FDS !== '1') return undefined;
  return firstPassedDescriptor;
}

/** Resolves when the server has been idle, without any connection, for the given time, or when the signal fires; the server is closed then. */
export function untilIdle(server: Server, idleMs: number, isBusy: () => boolean, signal: AbortSignal): Promise<void> {
  const connections = new Set<Socket>();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      server.close(() => resolve());
      for (const socket of connections) socket.destroy();
    };
    const endWhenIdle = (): void => {
      if (connections.size === 0 && !isBusy()) end();
      else restart();
    };
    let timer = setTimeout(endWhenIdle, idleMs);
    const restart = (): void => {
      clearTimeout(timer);
      timer = setTimeout(endWhenIdle, idleMs);
    };
    server.on('connection', (socket: Socket) => {
      connections.add(socket);
      restart();
      socket.on('close', () => {
        connections.delete(socket);
        restart();
      });
    });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
