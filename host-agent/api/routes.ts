// The API as a table: method and path -> what is done. api/openapi.json describes the same to the outside; a test compares the two.

import { UserError } from '../../lib/errors.ts';
import type { Agent } from '../agent/agent.ts';
import type { AgentEvent } from '../agent/events.ts';
import type { OperationRequest } from '../agent/operation.ts';
import openapi from './openapi.json' with { type: 'json' };

export type Answer =
  | { readonly type: 'document'; readonly document: unknown }
  /** Calls `send` for each event until `ended` resolves, or until the client leaves. */
  | { readonly type: 'stream'; readonly open: (send: (event: AgentEvent) => void) => EventSource };

export interface EventSource {
  /** Never resolves for a stream without end. */
  readonly ended: Promise<void>;
  close(): void;
}

type Handler = (agent: Agent, body: unknown) => Answer | Promise<Answer>;

export const routes: Readonly<Record<string, Handler>> = {
  'GET /v1/status': async (agent) => ({ type: 'document', document: await agent.status() }),
  'GET /v1/openapi.json': () => ({ type: 'document', document: openapi }),
  'POST /v1/upgrade': (agent, body) =>
    operate(agent, { kind: 'upgrade', ...flags(body, ['check', 'force', 'reboot']) }),
  'POST /v1/rollback': (agent, body) => operate(agent, { kind: 'rollback', ...flags(body, ['reboot']) }),
  'GET /v1/events': (agent) => ({
    type: 'stream',
    open(send) {
      send({ type: 'state', state: agent.state });
      return { ended: new Promise(() => {}), close: agent.watch(send) };
    },
  }),
};

// The operation goes on when its client leaves. Listening begins before the operation, whose first event comes later than this call.
function operate(agent: Agent, request: OperationRequest): Answer {
  const early: AgentEvent[] = [];
  let forward = (event: AgentEvent): void => void early.push(event);
  const close = agent.watch((event) => forward(event));
  try {
    const ended = agent.begin(request);
    return {
      type: 'stream',
      open(send) {
        for (const event of early) send(event);
        forward = send;
        return { ended, close };
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

function flags<Name extends string>(body: unknown, known: readonly Name[]): Partial<Record<Name, boolean>> {
  if (body === undefined) return {};
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw badRequest('the body must be a JSON object');
  const found: Partial<Record<Name, boolean>> = {};
  for (const [key, value] of Object.entries(body)) {
    const name = known.find((candidate) => candidate === key);
    if (name === undefined) throw badRequest(`there is no member "${key}"; known are ${known.join(', ')}`);
    if (typeof value !== 'boolean') throw badRequest(`"${key}" must be true or false`);
    found[name] = value;
  }
  return found;
}

export function badRequest(message: string): UserError {
  return new UserError('bad-request', message, { hint: 'GET /v1/openapi.json describes the API' });
}
