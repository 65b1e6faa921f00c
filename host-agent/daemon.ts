// `slipway host daemon`, the service slipway-hostd: the agent behind its socket, from the first request until it is idle.

import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { startAgent } from './agent/agent.ts';
import { isWorking } from './agent/state.ts';
import { passedSocket, untilIdle } from './api/listen.ts';
import { createApiServer } from './api/server.ts';
import { loadSettings } from './config.ts';
import type { HostPaths } from './paths.ts';

/** Runs until idle or until the signal fires. Started by hand, without systemd's socket, it makes the socket itself. */
export async function runDaemon(paths: HostPaths, signal: AbortSignal): Promise<void> {
  const { settings, warnings } = await loadSettings(paths.configFolders);
  for (const warning of warnings) console.warn(warning);
  const agent = await startAgent(paths, signal);
  agent.watch((event) => console.log(JSON.stringify(event)));
  const server = createApiServer(agent);
  const descriptor = passedSocket(process.env, process.pid);
  if (descriptor === undefined) await listenOnOwnSocket(server, paths.socket);
  else await once(server.listen({ fd: descriptor }), 'listening');
  const isBusy = (): boolean => isWorking(agent.state) && agent.state !== 'rebooting';
  await untilIdle(server, settings.idleExitSeconds * 1000, isBusy, signal);
}

// Root alone may connect: the socket is made before anybody can, with the umask that systemd's SocketMode=0600 stands for.
async function listenOnOwnSocket(server: ReturnType<typeof createApiServer>, socket: string): Promise<void> {
  await mkdir(dirname(socket), { recursive: true });
  await rm(socket, { force: true });
  const before = process.umask(0o177);
  try {
    await once(server.listen(socket), 'listening');
  } finally {
    process.umask(before);
  }
}
