// An HTTP server for a folder that misbehaves on order: cuts, stalls, corrupts, redirects, or answers with an error.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

export type Misbehaviour =
  /** Sends half of the body, then closes the connection. */
  | 'cut'
  /** Sends half of the body, then nothing. */
  | 'stall'
  /** Changes one byte in the middle. */
  | 'corrupt'
  /** Moves the file to another path of this server. */
  | 'redirect'
  | 'redirect-loop'
  | 'error-503'
  | 'error-404';

export interface RepoServer {
  readonly url: string;
  /** Every request that came: path and Range header. */
  readonly requests: {
    readonly path: string;
    readonly range: string | undefined;
    readonly authorization: string | undefined;
  }[];
  /** The next `times` requests for paths that match misbehave. */
  misbehave(pattern: RegExp, how: Misbehaviour, times?: number): void;
}

/** Serves `folder` on a free port of this machine until the test ends. Ranges work. */
export async function serveRepo(t: ExecutionContext, folder: string): Promise<RepoServer> {
  const orders: { pattern: RegExp; how: Misbehaviour; left: number }[] = [];
  const requests: RepoServer['requests'] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname).replace(/^\/moved/, '');
    requests.push({ path: request.url!, range: request.headers.range, authorization: request.headers.authorization });
    const order = orders.find(({ pattern, left }) => left > 0 && pattern.test(request.url!));
    if (order !== undefined) order.left--;
    void answer(join(folder, path), order?.how, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    misbehave(pattern, how, times = 1) {
      orders.push({ pattern, how, left: times });
    },
  };
}

async function answer(
  file: string,
  how: Misbehaviour | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (how === 'error-503' || how === 'error-404') return void response.writeHead(Number(how.slice(6))).end('sorry');
  if (how === 'redirect') return void response.writeHead(302, { location: `/moved${request.url}` }).end();
  if (how === 'redirect-loop') return void response.writeHead(302, { location: request.url! }).end();
  let content: Buffer;
  try {
    content = await readFile(file);
  } catch {
    return void response.writeHead(404).end('not here');
  }
  if (how === 'corrupt') content[content.length >> 1]! ^= 0xff;
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? '0');
  const body = content.subarray(start);
  const range = start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': body.length, ...range });
  if (how === 'cut' || how === 'stall') {
    response.write(body.subarray(0, body.length >> 1), () => {
      if (how === 'cut') setTimeout(() => response.destroy(), 20);
    });
    return;
  }
  response.end(body);
}
