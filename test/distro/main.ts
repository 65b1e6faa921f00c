// `node test/distro/main.ts --output DIR`: makes the sample RPM repository and prints its path.

import { parseArgs } from 'node:util';
import { type CommandResult, type CommandTools, defineCommand } from '../../cli/command.ts';
import { globalOptions } from '../../cli/global-options.ts';
import { reportError } from '../../cli/report-error.ts';
import { runCommand } from '../../cli/run-command.ts';
import { UserError } from '../../lib/errors.ts';
import { makeSampleDistribution } from './distribution.ts';
import { type Suite, suites } from './packages/release.ts';

export { makeSampleDistribution } from './distribution.ts';

const progressKinds = globalOptions.progress.choices;

const usage = `Usage: node test/distro/main.ts --output DIR [options]

Makes an RPM repository out of packages of the Debian archive, for tests and demonstrations.

  --output DIR   folder for the repository
  --suite NAME   Debian release: ${suites.join(' or ')} (default ${suites[0]})
  --all-hosts    add what the shipped treefiles of docker and Kubernetes hosts need
  --package NAME add a Debian package and all that it needs; may be given more than once
  --upgrade      add version 2 of the package slipway-sample-version
  --mirror URI   Debian mirror (default: the one in this machine's apt sources)
  --refresh      fetch the archive's index even when the one here is less than a day old
  --progress P   how progress is shown on stderr: ${progressKinds.join(', ')} (default auto)
  --json         print the result as JSON
  --debug        show every program that is started
  --help         show this text`;

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.exitCode = reportError(error, { json: process.argv.includes('--json'), debug: false, color: false });
  }
}

async function main(args: readonly string[]): Promise<number> {
  const {
    output,
    suite,
    package: packages,
    'all-hosts': allHosts,
    help,
    json,
    debug,
    progress,
    ...options
  } = parse(args);
  if (help) {
    console.log(usage);
    return 0;
  }
  if (output === undefined) throw new UserError('usage', 'where to? --output is missing', { hint: 'see --help' });
  if (!isSuite(suite))
    throw new UserError('usage', `there is no suite ${suite}`, { hint: `take ${suites.join(' or ')}` });
  const shown = progressKinds.find((kind) => kind === progress);
  if (shown === undefined) {
    throw new UserError('usage', `progress cannot be shown as ${progress}`, {
      hint: `take ${progressKinds.join(', ')}`,
    });
  }
  const work = async (_: unknown, tools: CommandTools): Promise<CommandResult> => {
    const made = await makeSampleDistribution({ output, suite, packages, allHosts, ...options }, tools);
    return { document: made, text: made.folder };
  };
  const globals = { json, debug, quiet: false, progress: shown, color: undefined } as const;
  return runCommand({ path: [], command: defineCommand({ examples: [], run: work }), argv: {}, globals });
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        output: { type: 'string' },
        suite: { type: 'string', default: suites[0] as string },
        package: { type: 'string', multiple: true, default: [] },
        mirror: { type: 'string' },
        progress: { type: 'string', default: 'auto' },
        'all-hosts': flag,
        upgrade: flag,
        refresh: flag,
        json: flag,
        debug: flag,
        help: flag,
      },
    }).values;
  } catch (cause) {
    throw new UserError('usage', (cause as Error).message, { hint: 'see --help', cause });
  }
}

function isSuite(name: string): name is Suite {
  return suites.some((suite) => suite === name);
}
