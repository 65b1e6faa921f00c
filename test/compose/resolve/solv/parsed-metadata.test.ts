import { cp, open, readdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { ResolveRequest } from '../../../../compose/resolve/request.ts';
import { startSolverEarly } from '../../../../compose/resolve/solv/solver-process.ts';
import { makeRepos, resolveTo, type SmallPackage } from '../support/small-repo.ts';

const packages: readonly SmallPackage[] = [
  { name: 'app', requires: ['lib >= 2'] },
  { name: 'lib', version: '2' },
  { name: 'data', files: ['/usr/share/data/file'] },
];
const answer = ['app-1-1.noarch', 'lib-2-1.noarch'];

/** A request whose repository was parsed once, and the `.solv` file of that. */
async function parsed(t: ExecutionContext): Promise<{ request: ResolveRequest; file: string }> {
  const made = await makeRepos(t, [{ id: 'base', packages }]);
  const request = { ...made, packages: ['app'] };
  t.deepEqual(await resolveTo(request, {}), answer);
  const folder = join(request.cacheDir, 'solv');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.solv'));
  t.is(names.length, 1);
  return { request, file: join(folder, names[0]!) };
}

/** Asks the solver again, not the lock of last time. */
async function again(request: ResolveRequest, changes: Partial<ResolveRequest> = {}): Promise<string[]> {
  await rm(join(request.cacheDir, 'locks'), { recursive: true, force: true });
  return await resolveTo(request, changes);
}

async function overwrite(file: string, position: number, bytes: number): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(bytes, 0xff), 0, bytes, position);
  await handle.close();
}

const damages: readonly (readonly [string, (file: string) => Promise<void>])[] = [
  ['cut to half', async (file) => truncate(file, Math.floor((await stat(file)).size / 2))],
  ['emptied', (file) => truncate(file, 0)],
  ['replaced by other text', (file) => writeFile(file, 'SOLV rubbish')],
  ['overwritten in the middle', async (file) => overwrite(file, Math.floor((await stat(file)).size / 2), 40)],
  [
    'overwritten and given its old time',
    async (file) => {
      const { atime, mtime } = await stat(file);
      await overwrite(file, 200, 40);
      await utimes(file, atime, mtime);
    },
  ],
  [
    'replaced by a damaged file of the same size',
    async (file) => {
      await writeFile(`${file}.new`, Buffer.alloc((await stat(file)).size, 7));
      await rename(`${file}.new`, file);
    },
  ],
  ['without a seal', (file) => rm(`${file}.seal`)],
  ['with a seal that is no JSON', (file) => writeFile(`${file}.seal`, '{"digest"')],
];

for (const [what, damage] of damages) {
  test.serial(`resolvePackages() makes parsed metadata again that is ${what}`, async (t) => {
    const { request, file } = await parsed(t);
    await damage(file);
    t.deepEqual(await again(request), answer);
    const before = await readFile(file);
    startSolverEarly(join(request.cacheDir, 'solv'));
    t.deepEqual(await again(request), answer);
    t.deepEqual(await readFile(file), before, 'the file that was made anew is used');
  });
}

test.serial('resolvePackages() uses a copy of parsed metadata, and seals it', async (t) => {
  const { request, file } = await parsed(t);
  const seal = await readFile(`${file}.seal`, 'utf8');
  await cp(file, `${file}.copy`);
  await rename(`${file}.copy`, file);
  const { ino } = await stat(file);
  t.deepEqual(await again(request), answer);
  t.is((await stat(file)).ino, ino);
  const sealed = await readFile(`${file}.seal`, 'utf8');
  t.not(sealed, seal);
  t.is(JSON.parse(sealed).digest, JSON.parse(seal).digest);
});

test.serial('startSolverEarly() changes no answer, whatever the next job is', async (t) => {
  const { request } = await parsed(t);
  const other = await makeRepos(t, [{ id: 'base', packages: [{ name: 'app' }] }]);
  const jobs: readonly (readonly [ResolveRequest, Partial<ResolveRequest>, readonly string[]])[] = [
    [request, {}, answer],
    [request, { packages: ['lib'] }, ['lib-2-1.noarch']],
    [request, { packages: ['/usr/share/data/file'] }, ['data-1-1.noarch']],
    [request, { packages: ['app'], excludePackages: ['data'] }, answer],
    [{ ...other, cacheDir: request.cacheDir, packages: ['app'] }, {}, ['app-1-1.noarch']],
    [request, {}, answer],
  ];
  for (const [asked, changes, expected] of jobs) {
    startSolverEarly(join(request.cacheDir, 'solv'));
    t.deepEqual(await again(asked, changes), [...expected]);
  }
  startSolverEarly(join(request.cacheDir, 'solv'));
  await t.throwsAsync(again(request, { excludePackages: ['lib'] }), { message: /lib-2-1\.noarch/ });
});

const recents: readonly (readonly [string, string])[] = [
  ['no JSON', '{"arch"'],
  ['of another kind', '[]'],
  ['about a repository that was never parsed', ''],
];

for (const [what, text] of recents) {
  test.serial(`startSolverEarly() passes over a memory of the last job that is ${what}`, async (t) => {
    const { request, file } = await parsed(t);
    const recent = join(file, '..', 'recent.json');
    if (text === '') await rm(file);
    else await writeFile(recent, text);
    startSolverEarly(join(request.cacheDir, 'solv'));
    t.deepEqual(await again(request), answer);
    t.is(JSON.parse(await readFile(recent, 'utf8')).repos[0].id, 'base');
  });
}
