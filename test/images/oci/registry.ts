// A container registry that keeps what is pushed in memory: as much of the OCI distribution specification as a push needs.

import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';

export interface Registry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Digests of the blobs that were sent, in that order. */
  readonly uploads: string[];
  /** Tag -> digest. */
  readonly tags: Map<string, string>;
  /** `Authorization` headers that came. */
  readonly credentials: Set<string>;
}

/** Starts a registry that lets in whoever gives `credentials` (`user:password`), or everybody. */
export async function startRegistry(t: ExecutionContext, credentials?: string): Promise<Registry> {
  const blobs = new Map<string, Buffer>();
  const registry = {
    host: '',
    uploads: [] as string[],
    tags: new Map<string, string>(),
    credentials: new Set<string>(),
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://registry');
    const data = await bodyOf(request);
    const given = request.headers.authorization;
    if (given !== undefined) registry.credentials.add(given);
    if (credentials !== undefined && given !== `Basic ${Buffer.from(credentials).toString('base64')}`) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return;
    }
    const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`;
    const last = url.pathname.split('/').at(-1)!;
    if (url.pathname === '/v2/') response.end();
    else if (request.method === 'POST') {
      response.writeHead(202, { location: `${url.pathname.replace(/\/$/, '')}/${randomUUID()}` }).end();
    } else if (request.method === 'PATCH') {
      blobs.set(last, data);
      response.writeHead(202, { location: url.pathname }).end();
    } else if (request.method === 'PUT' && url.pathname.includes('/blobs/uploads/')) {
      const name = url.searchParams.get('digest')!;
      blobs.set(name, data.length > 0 ? data : blobs.get(last)!);
      registry.uploads.push(name);
      response.writeHead(201, { location: url.pathname }).end();
    } else if (request.method === 'PUT') {
      blobs.set(digest, data);
      registry.tags.set(last, digest);
      response.writeHead(201, { 'docker-content-digest': digest }).end();
    } else {
      const found = blobs.get(registry.tags.get(last) ?? last);
      if (found === undefined) response.writeHead(404).end();
      else {
        response.writeHead(200, { 'content-length': found.length });
        response.end(request.method === 'HEAD' ? undefined : found);
      }
    }
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  registry.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return registry;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
