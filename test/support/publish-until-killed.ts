// Publishes a commit and kills itself, as a power cut or the OOM killer would, when the named step begins. `ostree` may be at work then.
// Arguments: repository, ref, archive repository, title of the step.

import { publishToArchive } from '../../compose/publish/publish.ts';
import { Events } from '../../lib/events.ts';

const [repo, ref, to, title] = process.argv.slice(2) as [string, string, string, string];
const events = new Events();
let step = '';
events.listen((event) => {
  if (event.type === 'step-start') step = event.title;
  // A program is about to be started: a moment later it is at work.
  if (step === title && (event.type === 'command' || event.type === 'step-start')) {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 15);
  }
});
await publishToArchive(
  { repo, ref, to, delta: true, signers: { gpg: null, ed25519: [], dropOthers: false } },
  { events, signal: new AbortController().signal },
);
// A step that was quicker than the kill is over: nothing more is written.
process.kill(process.pid, 'SIGKILL');
