// One lock gives one commit: on another day, in another folder, for another user, with another umask, locale, time zone, number of processors
// and load. Each variation begins with empty caches.

import { spawn } from 'node:child_process';
import { access, chmod, chown, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { UserError } from '../../lib/errors.ts';
import { type RunResult, run } from '../../lib/run.ts';
import { withEtc } from '../support/other-etc.ts';
import { type MiniPackage, miniDistribution } from './mini-distribution.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

const host: readonly MiniPackage[] = [
  {
    name: 'app',
    scriptlets: {
      pre: { script: "echo 'app:x:777:777::/:/bin/false' >> /etc/passwd; echo 'app:x:777:' >> /etc/group" },
      post: { script: 'echo "$(umask)" > /etc/umask; touch /usr/lib/app/new; mkdir /usr/lib/app/folder' },
    },
    files: [
      { type: 'directory', path: '/usr/lib/app', mode: 0o2750, user: 'app', group: 'app' },
      { type: 'file', path: '/usr/lib/app/b', content: 'b', user: 'app' },
      {
        ...{ type: 'file', path: '/usr/bin/ping', mode: 0o755, content: 'p', capabilities: 'cap_net_raw=ep' },
        signature: Buffer.from('signature'),
      },
    ],
  },
  {
    name: 'lister',
    requires: [{ name: 'app' }],
    scriptlets: {
      posttrans: { script: 'find /usr/lib /etc -name "*o*" | sort > /usr/lib/list; env | sort >> /usr/lib/list' },
    },
  },
];

/** How the command is run that composes. */
type Runner = (t: ExecutionContext, argv: readonly string[], folder: string) => Promise<RunResult>;

const plain: Runner = (_, argv) => run(argv);

type Variation = readonly [title: string, runner: Runner, treefile?: Readonly<Record<string, unknown>>];

const variations: readonly Variation[] = [
  ['in another folder', plain],
  ['with another umask', (_, argv) => run(['sh', '-c', 'umask 077; exec "$@"', 'sh', ...argv])],
  [
    'with another locale and time zone',
    (_, argv) => run(['env', 'LANG=tr_TR.UTF-8', 'LC_ALL=tr_TR.UTF-8', 'TZ=Asia/Kolkata', ...argv]),
  ],
  ['on one processor', (_, argv) => run(['taskset', '--cpu-list', '0', ...argv])],
  ['on a busy machine', onBusyMachine],
];

const forRoot: readonly Variation[] = [
  ['on another day', onAnotherDay],
  ['for an ordinary user', asOrdinaryUser],
  ['with signatures of files for an ordinary user', asOrdinaryUser, { ima: true }],
];

// Nobody else can become another user or change the clock that programs see: for others these count as skipped.
const asRoot = process.getuid?.() === 0 ? test : test.skip;

for (const [register, rows] of [
  [test, variations],
  [asRoot, forRoot],
] as const)
  for (const [title, runner, keys = {}] of rows) {
    register(`a compose ${title} gives the same commit`, async (t) => {
      const mini = await miniDistribution(t, host, keys);
      const expected = await mini.compose();
      const other = join(mini.folder, 'an other place');
      await mkdir(other);
      await cp(join(mini.folder, 'rpms'), join(other, 'rpms'), { recursive: true });
      for (const name of ['host.json', 'mini.repo']) {
        const text = await readFile(join(mini.folder, name), 'utf8');
        await writeFile(join(other, name), text.replace(mini.folder, encodeURI(other)));
      }
      const argv = [process.execPath, join(checkout, 'cli/main.ts'), 'compose', 'tree', join(other, 'host.json')];
      const places = ['--repo', join(other, 'made/repo'), '--cachedir', join(other, 'made/cache')];
      await mkdir(join(other, 'made'));
      const { stdout } = await runner(t, [...argv, ...places, '--json', '--quiet'], other);
      t.is((JSON.parse(stdout) as { checksum: string }).checksum, expected.checksum);
      const kept = await readdir(join(other, 'made/cache/packages'), { recursive: true });
      t.true(
        kept.some((path) => /\/results\/[^/]+\/[^/]+\.json$/.test(path)),
        'and scriptlets could be traced',
      );
    });
  }

async function onBusyMachine(_: ExecutionContext, argv: readonly string[]): Promise<RunResult> {
  const busy = Array.from({ length: availableParallelism() * 2 }, () =>
    spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
  );
  try {
    return await run(argv);
  } finally {
    for (const child of busy) child.kill('SIGKILL');
  }
}

// Through the loader's own list, because the engine's programs get an environment that names no library. A day in the past: the kernel's
// times of files stay those of today, and on a later day ostree would take the folders that it works in for left over.
async function onAnotherDay(t: ExecutionContext, argv: readonly string[]): Promise<RunResult> {
  const files = { 'ld.so.preload': `${await fakeTimeLibrary()}\n`, faketimerc: '-400d\n' };
  const { stdout } = await withEtc(t, files, ['date', '+%s']);
  t.true(Number(stdout) < Date.now() / 1000 - 300 * 86_400, `the clock shows ${stdout}`);
  return withEtc(t, files, argv);
}

async function asOrdinaryUser(t: ExecutionContext, argv: readonly string[], folder: string): Promise<RunResult> {
  const id = 54_321;
  const files = {
    passwd: { append: `builder:x:${id}:${id}::/nonexistent:/bin/sh\n` },
    group: { append: `builder:x:${id}:\n` },
    subuid: 'builder:300000:65536\n',
    subgid: 'builder:300000:65536\n',
  };
  await chown(join(folder, 'made'), id, id);
  await chmod(join(folder, '..'), 0o755);
  const ids = [`--reuid=${id}`, `--regid=${id}`, '--clear-groups'];
  return withEtc(t, files, ['setpriv', ...ids, 'env', `HOME=${join(folder, 'made')}`, ...argv]);
}

async function fakeTimeLibrary(): Promise<string> {
  for (const folder of [
    '/usr/lib/x86_64-linux-gnu/faketime',
    '/usr/lib/aarch64-linux-gnu/faketime',
    '/usr/lib64/faketime',
  ]) {
    const path = join(folder, 'libfaketimeMT.so.1');
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new UserError('tool-missing', 'libfaketime is needed to compose on another day in tests', {
    hint: 'install the package faketime (Debian) or libfaketime (Fedora)',
  });
}
