// The launcher in a folder of its own, with recording stand-ins for apt-get and npm: what it installs, and when it leaves things alone.

import { execFile } from 'node:child_process';
import { chmod, copyFile, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
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
async function launcher(
  t: ExecutionContext,
  options: {
    missing?: string;
    npm?: string;
    install?: string;
    fedora?: boolean;
    path?: string;
    programs?: Record<string, string>;
  } = {},
): Promise<Installed> {
  const architecture = process.arch;
  const folder = await tree(t, {
    'cli/main.ts': 'console.log(process.argv.slice(2).join(" "));',
    'package.json': '{"type": "module"}',
    'package-lock.json': '{}',
    ...(options.fedora === true ? fedora(options.missing ?? '') : debian(options.missing ?? '', options.install ?? '')),
    ...options.programs,
    'bin/npm': `#!/bin/sh
      echo "npm $*" >> "$CALLS"
      ${options.npm ?? ''}
      sleep 0.3
      mkdir -p node_modules/node-linux-${architecture}/bin node_modules/.bin
      ln -sf "${process.execPath}" node_modules/node-linux-${architecture}/bin/node`,
    calls: '',
  });
  await copyFile(join(checkout, 'slipway'), join(folder, 'slipway'));
  for (const program of await readdir(join(folder, 'bin'))) await chmod(join(folder, 'bin', program), 0o755);
  await chmod(join(folder, 'slipway'), 0o755);
  const environment = {
    PATH: `${folder}/bin:${options.path ?? '/usr/bin:/bin'}`,
    CALLS: join(folder, 'calls'),
    HOME: folder,
    TMPDIR: folder,
  };
  return {
    folder,
    start: (added = {}) => execute(join(folder, 'slipway'), ['a', 'b'], { env: { ...environment, ...added } }),
    calls: async () => (await readFile(join(folder, 'calls'), 'utf8')).split('\n').filter((line) => line !== ''),
  };
}

function debian(missing: string, install: string): Record<string, string> {
  return {
    'bin/apt-get': `#!/bin/sh
      case "$*" in
      *--simulate*) for name in ${missing}; do echo "Inst $name (1.0)"; done; exit ;;
      esac
      echo "apt-get $*" >> "$CALLS"
      case "$*" in install*) ${install === '' ? ':' : install} ;; esac`,
  };
}

// rpm knows every package but the missing ones.
function fedora(missing: string): Record<string, string> {
  return {
    'bin/rpm': `#!/bin/sh\nfor name in ${missing}; do [ "$3" != "$name" ] || exit 1; done`,
    'bin/dnf': '#!/bin/sh\necho "dnf $*" >> "$CALLS"',
  };
}

// The programs of a very small machine: what the launcher itself needs and no more. No apt-get of this machine is among them.
async function smallMachine(t: ExecutionContext, ...without: string[]): Promise<string> {
  const folder = await tree(t, { 'bin/x': '' });
  const programs =
    'cat chmod cksum cut date dirname env flock grep head id ln mkdir mktemp mv readlink rm sed sh sleep tail touch uname xargs';
  for (const program of programs.split(' ')) {
    if (!without.includes(program)) await symlink(`/usr/bin/${program}`, join(folder, 'bin', program));
  }
  return join(folder, 'bin');
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

/** Lets anybody be root, as far as the stand-ins can tell. */
const sudo = { 'bin/sudo': '#!/bin/sh\n[ "$1" != -n ] || shift\nexec "$@"\n' };

test('./slipway fetches the package lists anew when they name files that are gone', async (t) => {
  const { start, calls } = await launcher(t, {
    missing: 'ostree',
    programs: sudo,
    install: '[ -e "$CALLS.failed" ] && exit 0; touch "$CALLS.failed"; echo "404 Not Found"; exit 100',
  });
  const { stderr } = await start();
  t.regex(stderr, /^slipway: fetching the lists of packages \(apt-get update\)$/m);
  const apt = (await calls()).filter((line) => line.startsWith('apt-get')).map((line) => line.split(' ')[1]);
  t.deepEqual(apt, ['install', 'update', 'install']);
});

test('./slipway on Fedora names and installs what is missing, and nothing when all is there', async (t) => {
  const path = await smallMachine(t, 'xargs');
  const lacking = await launcher(t, { fedora: true, missing: 'ostree edk2-ovmf', path, programs: sudo });
  t.regex((await lacking.start()).stderr, /^slipway: installing system packages: edk2-ovmf ostree$/m);
  t.regex(
    (await lacking.calls()).join('\n'),
    /^dnf install -q -y --setopt=install_weak_deps=False binutils .*edk2-ovmf/m,
  );
  const complete = await launcher(t, { fedora: true, path });
  t.is((await complete.start()).stdout, 'a b\n');
  t.is((await complete.calls()).join('\n').includes('dnf'), false);
});

test('./slipway with SLIPWAY_SETUP=skip leaves the machine as it is', async (t) => {
  const { start, calls } = await launcher(t);
  const error = await t.throwsAsync(start({ SLIPWAY_SETUP: 'skip' }));
  t.regex(String(error), /error: node_modules is missing; run \.\/slipway without SLIPWAY_SETUP=skip/);
  t.deepEqual(await calls(), []);
});
