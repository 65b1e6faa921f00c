// Runs one command: view, signals, result. Errors pass through to cli/main.ts.

import { Cancelled } from '../lib/errors.ts';
import { Events } from '../lib/events.ts';
import type { Invocation } from './parse.ts';
import { printable } from './printable.ts';
import { startView } from './views/view.ts';

/** Exit statuses of Slipway, as `docs/cli.md` promises them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, bug: 70, cancelled: 130 } as const;

/** Runs the command and prints its result. Returns the exit status. */
export async function runCommand(invocation: Invocation): Promise<number> {
  const { globals } = invocation;
  const events = new Events();
  const view = startView(events, globals);
  const controller = new AbortController();
  const stopListening = abortOnSignals(controller, () => view.stop());
  try {
    const tools = { events, signal: controller.signal, json: globals.json };
    const result = await invocation.command.run(invocation.argv, tools);
    view.stop();
    if (result === undefined) return exitCodes.ok;
    const text = globals.json ? JSON.stringify(result.document, null, 2) : printable(result.text);
    const { complaint = '' } = result;
    if (!globals.json && complaint !== '') process.stderr.write(`${printable(complaint)}\n`);
    if (text !== '') process.stdout.write(`${text}\n`);
    return result.exitCode ?? exitCodes.ok;
  } finally {
    view.stop();
    stopListening();
  }
}

// The first signal asks, the second one forces: children notice that we are gone and end themselves.
function abortOnSignals(controller: AbortController, beforeForce: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const receive = (): void => {
    if (controller.signal.aborted) {
      beforeForce();
      process.exit(exitCodes.cancelled);
    }
    controller.abort(new Cancelled());
  };
  for (const signal of signals) process.on(signal, receive);
  return () => {
    for (const signal of signals) process.off(signal, receive);
  };
}
