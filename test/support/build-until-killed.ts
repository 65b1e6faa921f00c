// Builds a raw image and kills itself, as a power cut or the OOM killer would, when the named step begins.
// Arguments: repository, ref, output folder, title of the step.

import { buildImages } from '../../images/build.ts';
import { Events } from '../../lib/events.ts';

const [repo, ref, outputDir, title] = process.argv.slice(2) as [string, string, string, string];
const events = new Events();
events.listen((event) => {
  if (event.type === 'step-start' && event.title === title) process.kill(process.pid, 'SIGKILL');
});
await buildImages({ repo, ref, formats: ['raw'], outputDir }, { events, signal: new AbortController().signal });
