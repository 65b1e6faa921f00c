#!/usr/bin/env node
// The program: parse, run one command, and the only place that catches errors.

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheDirectory } from '../lib/cache.ts';
import { findCommand } from './find-command.ts';

// Keeps the stripped and compiled modules, which halves the start-up time.
enableCompileCache(join(cacheDirectory(), 'compile'));

const args = process.argv.slice(2);
process.stdout.on('error', endOnBrokenPipe);
process.stderr.on('error', () => {}); // nobody reads the progress any more; the work goes on
process.on('uncaughtException', (error) => {
  void report(error).then((exitCode) => process.exit(exitCode));
});

try {
  await findCommand(args).row?.begin?.(args);
  const { parseArguments } = await import('./parse.ts');
  const { runCommand } = await import('./run-command.ts');
  const invocation = await parseArguments(args);
  process.exitCode = invocation === undefined ? 0 : await runCommand(invocation);
} catch (error) {
  process.exitCode = await report(error);
}
// When all is written, Node would take itself apart piece by piece, which takes longer than the system needs. Not before: Node itself tells,
// by status 13, of a command that waits for what never comes.
process.once('beforeExit', () => process.exit());

async function report(error: unknown): Promise<number> {
  const [{ reportError }, { usesColor }] = await Promise.all([import('./report-error.ts'), import('./views/view.ts')]);
  return reportError(error, {
    json: args.includes('--json'),
    debug: args.includes('--debug'),
    color: usesColor(args.includes('--color') || (args.includes('--no-color') ? false : undefined)),
  });
}

// `slipway treefile show … | head`: the reader has what it wanted.
function endOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode);
  throw error;
}
