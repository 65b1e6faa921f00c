// Worker thread of tracer.ts that lets traced calls go on when it has noted what they ask for. It is itself not traced.

import { parentPort, workerData } from 'node:worker_threads';
import { architectureOf } from './calls.ts';
import { endOfTrace, type WatchInput, type WatchMessage } from './messages.ts';
import { traceRecord } from './record.ts';
import { callListener, type WaitingCall } from './seccomp.ts';

const { listener, thread } = workerData as WatchInput;
const architecture = architectureOf(process.arch)!;
const calls = callListener(listener);
const say = (message: WatchMessage): void => parentPort!.postMessage(message);

let record = traceRecord(architecture);
say({ type: 'watching' });
// Ended from outside: there is always one more program that may come.
for (;;) {
  const call = calls.next();
  if (call === null) continue;
  if (call.pid !== thread) record.add(call);
  else if (isEndOfTrace(call)) {
    say({ type: 'trace', trace: record.end() });
    record = traceRecord(architecture);
  }
  call.goOn();
}

function isEndOfTrace(call: WaitingCall): boolean {
  const named = architecture.calls.get(call.number);
  return named?.kind === 'names' && named.files.some(({ path }) => call.text(path) === endOfTrace);
}
