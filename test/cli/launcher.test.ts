// The launcher in a folder of its own, with recording stand-ins for apt-get and npm: what it installs, and when it leaves things alone.

import { execFile } from 'node:child_process';
import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { checkout } from '../support/source-files.ts';
import { tree } from '../support/temporary.ts';

const execute = promisify(execFile);

interface Installed {
  readonly folder: string;
  /** Starts ./slipway; rejects on a bad exit status. */
  start(environment?: Record<string, string>): Promise<{ stdout: string; stderr: string }>;
  /** What the stand-ins were called with, one line each. */
  calls(): Promise<string[]>;
}

// npm brings Node, as the real one does with this lock file. `missing` is what apt-get would install.
async function launcher(t: ExecutionContext, options: { missing?: string; npm?: string } = {}): Promise<Installed> {
  const architecture = process.arch;
  const folder = await tree(t, {
    'cli/main.ts': 'console.log(process.argv.slice(2).join(" "));',
    'package.json': '{"type": "module"}',
    'package-lock.json': '{}',
    'bin/apt-get': `#!/bin/sh
      case "$*" in
      *--simulate*) for name in ${options.missing ?? ''}; do echo "Inst $name (1.0)"; done ;;
      *) echo "apt-get $*" >> "$CALLS" ;;
      esac`,
    'bin/npm': `#!/bin/sh
      echo "npm $*" >> "$CALLS"
      ${options.npm ?? ''}
      sleep 0.3
      mkdir -p node_modules/node-linux-${architecture}/bin node_modules/.bin
      ln -sf "${process.execPath}" node_modules/node-linux-${architecture}/bin/node`,
    calls: '',
  });
  await copyFile(join(checkout, 'slipway'), join(folder, 'slipway'));
  for (const program of ['slipway', 'bin/apt-get', 'bin/npm']) await chmod(join(folder, program), 0o755);
  const environment = { PATH: `${folder}/bin:/usr/bin:/bin`, CALLS: join(folder, 'calls'), HOME: folder };
  return {
    folder,
    start: (added = {}) => execute(join(folder, 'slipway'), ['a', 'b'], { env: { ...environment, ...added } }),
    calls: async () => (await readFile(join(folder, 'calls'), 'utf8')).split('\n').filter((line) => line !== ''),
  };
}

test('./slipway sets up once, then starts the program with its arguments at once', async (t) => {
  const { start, calls } = await launcher(t);
  const first = await start();
  t.is(first.stdout, 'a b\n');
  t.regex(first.stderr, /^slipway: first start in this checkout/);
  const second = await start();
  t.deepEqual(second, { stdout: 'a b\n', stderr: '' });
  t.deepEqual(await calls(), ['npm ci --ignore-scripts --no-audit --no-fund --loglevel=error']);
});

test('./slipway started twice at once sets up once', async (t) => {
  const { start, calls } = await launcher(t);
  const both = await Promise.all([start(), start()]);
  t.deepEqual(
    both.map(({ stdout }) => stdout),
    ['a b\n', 'a b\n'],
  );
  t.is((await calls()).length, 1);
});

test('./slipway fetches the libraries again when the lock file has changed, and not when only the launcher has', async (t) => {
  const { folder, start, calls } = await launcher(t);
  await start();
  await writeFile(join(folder, 'slipway'), `${await readFile(join(folder, 'slipway'), 'utf8')}\n# changed\n`);
  await start();
  t.is((await calls()).length, 1);
  await writeFile(join(folder, 'package-lock.json'), '{ }');
  await start();
  t.is((await calls()).length, 2);
});

test('./slipway goes on after a set-up that failed, and says why it failed', async (t) => {
  const { folder, start, calls } = await launcher(t, {
    npm: 'if [ ! -e tried ]; then touch tried; echo no network; exit 1; fi',
  });
  const error = await t.throwsAsync(start());
  t.like(error, { code: 1, stdout: '' });
  t.regex(
    (error as unknown as { stderr: string }).stderr,
    /no network\nthe whole output is in .*\nerror: npm could not install/,
  );
  await t.throwsAsync(readFile(join(folder, 'node_modules/.slipway-setup')), { code: 'ENOENT' });
  t.is((await start()).stdout, 'a b\n');
  t.is((await calls()).length, 2);
});

test('./slipway installs what is missing as root, and tells others the command for root', async (t) => {
  const { start, calls } = await launcher(t, { missing: 'ostree rpm libsolv1t64 libfoo' });
  if (process.getuid?.() === 0) {
    const { stderr } = await start();
    t.regex(stderr, /^slipway: installing system packages: ostree rpm libsolv1t64$/m);
    const installed = (await calls()).find((line) => line.startsWith('apt-get'));
    t.regex(installed ?? '', /^apt-get install -qq -y --no-install-recommends --no-upgrade .* ostree .*rpm/);
  } else {
    const error = await t.throwsAsync(start());
    t.regex(
      String(error),
      /only root can install them:\n {2}apt-get update && apt-get install --no-install-recommends .*ostree/,
    );
  }
});

test('./slipway with SLIPWAY_SETUP=skip leaves the machine as it is', async (t) => {
  const { start, calls } = await launcher(t);
  const error = await t.throwsAsync(start({ SLIPWAY_SETUP: 'skip' }));
  t.regex(String(error), /error: node_modules is missing; run \.\/slipway without SLIPWAY_SETUP=skip/);
  t.deepEqual(await calls(), []);
});
