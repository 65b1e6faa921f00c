// Runs a program with the tracer and prints what came of it, as JSON: to be started where seccomp(2) is refused.

import { engineContext } from '../../compose/context.ts';
import { tracer } from '../../compose/rootfs/trace/tracer.ts';
import { Events } from '../../lib/events.ts';

const events = new Events();
const messages: string[] = [];
events.listen((event) => {
  if (event.type === 'info') messages.push(event.message);
});
const own = tracer(engineContext({ events, signal: new AbortController().signal }));
const answers = [await own.run(['echo', 'one'], {}), await own.run(['cat'], { input: 'two' })];
await own.close();
console.log(JSON.stringify({ said: answers.map(({ result }) => result.stdout), trace: answers[0]!.trace, messages }));
