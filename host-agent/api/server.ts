// HTTP + JSON over the Unix socket: finds the route, reads the body, writes a document or a stream of JSON lines. Who may connect is decided by the
// socket's permissions alone.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { UserError } from '../../lib/errors.ts';
import { type Agent, failureOf } from '../agent/agent.ts';
import { badRequest, routes } from './routes.ts';

/** Bodies are a few flags. */
const maximumBodyBytes = 64 * 1024;

const statusOfCode: Readonly<Record<string, number>> = {
  'bad-request': 400,
  'not-found': 404,
  'method-not-allowed': 405,
  busy: 409,
};

export function createApiServer(agent: Agent): Server {
  return createServer((request, response) => void handle(agent, request, response));
}

async function handle(agent: Agent, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const handler = findRoute(request);
    const answer = await handler(agent, await readBody(request));
    if (answer.type === 'document') return sendDocument(response, 200, answer.document);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const source = answer.open((event) => void response.write(`${JSON.stringify(event)}\n`));
    response.on('close', () => source.close());
    await source.ended;
    response.end();
  } catch (error) {
    const failure = failureOf(error);
    if (failure.code === 'bug') console.error(error);
    if (response.headersSent) response.destroy();
    else sendDocument(response, statusOfCode[failure.code] ?? 500, { error: failure });
  }
}

function findRoute(request: IncomingMessage): (typeof routes)[string] {
  const path = (request.url ?? '/').split('?', 1)[0]!;
  const handler = routes[`${request.method} ${path}`];
  if (handler !== undefined) return handler;
  const methods = Object.keys(routes).filter((route) => route.split(' ')[1] === path);
  if (methods.length === 0) throw new UserError('not-found', `there is no ${path}`, { hint: 'see /v1/openapi.json' });
  throw new UserError('method-not-allowed', `${path} does not take ${request.method}`, {
    hint: 'see /v1/openapi.json',
  });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maximumBodyBytes) throw badRequest(`the body is longer than ${maximumBodyBytes} bytes`);
    chunks.push(chunk);
  }
  if (length === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw badRequest(`the body is not JSON: ${(error as Error).message}`);
  }
}

function sendDocument(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(document, null, 2)}\n`);
}
