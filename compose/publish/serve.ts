// A file server for a published repository: what hosts need of HTTP (ranges, caching headers) and nothing that can be written to.

import { createReadStream } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../lib/errors.ts';

export interface ServedRepository {
  /** `http://ADDRESS:PORT` */
  readonly url: string;
  /** Ends all connections. */
  close(): Promise<void>;
}

export interface ByteRange {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/**
 * Serves a folder until `close()`.
 * @param options.port 0 takes a free one
 * @param options.onRequest is told each answer
 * @throws UserError `listen` when the address cannot be had
 */
export async function serveFolder(
  folder: string,
  options: { host: string; port: number; onRequest?: (line: string) => void },
): Promise<ServedRepository> {
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    response.on('finish', () => options.onRequest?.(`${response.statusCode} ${request.method} ${request.url}`));
    answer(root, request, response).catch(() => response.destroy());
  });
  const { address, family, port } = await listen(server, options.host, options.port);
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Objects and deltas are named by their content and stay what they are; refs, summary and config may change at any time. */
export function cacheControl(path: string): string {
  const immutable = /^\/objects\/[0-9a-f]{2}\/[0-9a-f]{62}\.(commit|dirtree|dirmeta|filez)$/.test(path);
  return immutable ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/**
 * The first range of a Range header.
 * @returns null when the whole file is asked for, or a form that may be ignored (RFC 9110, 14.2); `unsatisfiable` for one behind the end
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null | 'unsatisfiable' {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || (first === '' && last === '')) return null;
  if (first === '') {
    const length = Number(last);
    return length === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end };
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, { allow: 'GET, HEAD' });
  const path = pathOf(request.url ?? '/');
  if (path === null) return refuse(response, 400);
  const file = await openInside(root, path);
  if (file === null) return refuse(response, 404);
  const stats = await file.stat();
  const etag = `"${stats.ino.toString(16)}-${stats.mtimeMs.toString(16)}-${stats.size.toString(16)}"`;
  const headers = {
    'accept-ranges': 'bytes',
    'cache-control': cacheControl(path),
    'content-type': 'application/octet-stream',
    'last-modified': stats.mtime.toUTCString(),
    etag,
  };
  const ifRange = request.headers['if-range'];
  const asked = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = parseRange(asked, stats.size);
  if (request.headers['if-none-match'] === etag) response.writeHead(304, headers);
  else if (range === 'unsatisfiable') response.writeHead(416, { 'content-range': `bytes */${stats.size}` });
  else {
    const { start, end } = range ?? { start: 0, end: stats.size - 1 };
    const partial = range === null ? {} : { 'content-range': `bytes ${start}-${end}/${stats.size}` };
    response.writeHead(range === null ? 200 : 206, { ...headers, ...partial, 'content-length': end - start + 1 });
    if (request.method === 'GET' && stats.size > 0) {
      return pipeline(createReadStream('', { fd: file, start, end }), response); // closes the file
    }
  }
  response.end();
  await file.close();
}

/** The decoded path, or null for one that is not proper. */
function pathOf(url: string): string | null {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0]!);
    return path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..') ? path : null;
  } catch {
    return null;
  }
}

/** Opens a plain file below the folder; what a symbolic link leads out of it does not exist. */
async function openInside(root: string, path: string): Promise<Awaited<ReturnType<typeof open>> | null> {
  try {
    const real = await realpath(join(root, path));
    if (!real.startsWith(root + sep)) return null;
    const file = await open(real);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return null;
  } catch {
    return null;
  }
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-length': 0, ...headers });
  response.end();
}

async function listen(
  server: Server,
  host: string,
  port: number,
): Promise<{ address: string; family: string; port: number }> {
  await new Promise<void>((done, fail) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'another program uses it' : cause.message;
      fail(
        new UserError('listen', `cannot listen on ${host}:${port}: ${reason}`, {
          hint: 'choose another with --listen',
          cause,
        }),
      );
    });
    server.listen(port, host, done);
  });
  return server.address() as { address: string; family: string; port: number };
}
