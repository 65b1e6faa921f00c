// Talks to the daemon: one HTTP request over its Unix socket, the answer as a document or line by line.

import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { UserError } from '../../lib/errors.ts';
import type { AgentEvent, OperationResult } from '../agent/events.ts';
import type { Failure } from '../agent/state-file.ts';
import type { HostStatus } from '../agent/status.ts';

export async function requestStatus(socket: string): Promise<HostStatus> {
  const response = await send(socket, 'GET', '/v1/status');
  return JSON.parse(await textOf(response)) as HostStatus;
}

/**
 * Asks for an operation and follows it to its end.
 * @throws UserError with the agent's own code, sentence and hint when it fails
 */
export async function requestOperation(
  socket: string,
  path: '/v1/upgrade' | '/v1/rollback',
  flags: Readonly<Record<string, boolean>>,
  onEvent: (event: AgentEvent) => void,
): Promise<OperationResult> {
  const response = await send(socket, 'POST', path, flags);
  try {
    for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
      const event = JSON.parse(line) as AgentEvent;
      if (event.type === 'result') return event;
      if (event.type === 'failure') throw errorOf(event.failure);
      onEvent(event);
    }
  } finally {
    response.destroy();
  }
  throw new UserError('agent-gone', 'the host agent ended before the operation did', {
    hint: '`journalctl -u slipway-hostd` says why; ask again, nothing is half-made',
  });
}

async function send(socket: string, method: string, path: string, body?: unknown): Promise<IncomingMessage> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request({ socketPath: socket, method, path, headers: { host: 'localhost', connection: 'close' } });
    outgoing.on('response', resolve);
    outgoing.on('error', (error) => reject(unreachable(error, socket)));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
  if (response.statusCode === 200) return response;
  throw errorOf((JSON.parse(await textOf(response)) as { error: Failure }).error);
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

function errorOf(failure: Failure): UserError {
  return new UserError(failure.code, failure.message, { hint: failure.hint });
}

function unreachable(error: NodeJS.ErrnoException, socket: string): UserError {
  if (error.code === 'EACCES') {
    return new UserError('not-allowed', 'only root may talk to the host agent', { hint: 'run it with sudo' });
  }
  return new UserError(
    'agent-unreachable',
    `the host agent does not answer on ${socket} (${error.code ?? error.message})`,
    {
      hint: '`systemctl status slipway-hostd.socket slipway-hostd.service` says why; `systemctl start slipway-hostd.socket` starts it',
    },
  );
}
