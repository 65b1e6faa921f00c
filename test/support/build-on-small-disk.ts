// Run inside a user and mount namespace: builds images on a file system of 16 MiB and prints the error and what is left there.
// Arguments: repository, ref, format, folder to mount on.

import { readdir } from 'node:fs/promises';
import { buildImages } from '../../images/build.ts';
import { UserError } from '../../lib/errors.ts';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';

const [repo, ref, format, folder] = process.argv.slice(2) as [string, string, string, string];
await run(['mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder]);
const tools = { events: new Events(), signal: new AbortController().signal };
try {
  await buildImages({ repo, ref, formats: [format], outputDir: folder }, tools);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message, left: await readdir(folder) }));
}
