import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ResolveRequest } from '../../../compose/resolve/request.ts';
import { resolvePackages, resolveWithReasons } from '../../../compose/resolve/resolve.ts';
import { run } from '../../../lib/run.ts';
import { basePackages as base } from './support/base-packages.ts';
import { makeRepos, makeReposIn, quietTools, resolveTo, type SmallPackage, writeRepo } from './support/small-repo.ts';

// Serial: each test starts a solver process, and thirty at once take gigabytes. One repository and one cache for all tests that change neither.
const sharedFolder = mkdtempSync(join(tmpdir(), 'slipway-resolve-'));
let shared: ResolveRequest;
test.before(async () => {
  shared = await makeReposIn(sharedFolder, [{ id: 'base', packages: base }]);
});
test.after.always(() => rmSync(sharedFolder, { recursive: true }));

const chosen: readonly (readonly [string, readonly string[], Partial<ResolveRequest>, readonly string[]])[] = [
  [
    'requirements, the newest version and recommended packages',
    ['app'],
    {},
    ['app-1-1.noarch', 'extra-1-1.noarch', 'lib-3-1.noarch', 'tool-1-1.x86_64'],
  ],
  [
    'no recommended packages when told so',
    ['app'],
    { recommends: false },
    ['app-1-1.noarch', 'lib-3-1.noarch', 'tool-1-1.x86_64'],
  ],
  ['a version range', ['lib < 3'], {}, ['lib-2-1.noarch']],
  ['an exact name-version-release.arch', ['lib-1-1.noarch'], {}, ['lib-1-1.noarch']],
  ['name.arch', ['tool.x86_64'], {}, ['tool-1-1.x86_64']],
  ['a glob over names', ['l?b*'], {}, ['lib-3-1.noarch']],
  ['a glob over name-version', ['lib-2*'], {}, ['lib-2-1.noarch']],
  ['a path that primary metadata carries', ['/usr/bin/tool'], {}, ['tool-1-1.x86_64']],
  ['a path that only the file lists carry', ['/usr/share/odd/file'], {}, ['odd-path-1-1.noarch']],
  [
    'a dependency on a path that only the file lists carry',
    ['needs-odd'],
    {},
    ['needs-odd-1-1.noarch', 'odd-path-1-1.noarch'],
  ],
  ['a rich dependency of a package', ['either'], {}, ['either-1-1.noarch', 'lib-3-1.noarch']],
  ['a rich dependency as a request', ['(nothing or tool)'], {}, ['tool-1-1.x86_64']],
  ['a provided name', ['service >= 4'], {}, ['virtual-a-1-1.noarch']],
  ['the package that obsoletes the named one', ['old-name'], {}, ['new-name-2-1.noarch']],
  ['epochs', ['epochal'], {}, ['epochal-3:0.1-1.noarch']],
  ['an older version when the newest is excluded', ['lib'], { excludePackages: ['lib >= 3'] }, ['lib-2-1.noarch']],
  [
    'nothing of an excluded recommendation',
    ['app'],
    { excludePackages: ['extra'] },
    ['app-1-1.noarch', 'lib-3-1.noarch', 'tool-1-1.x86_64'],
  ],
  [
    'the locked version and free others',
    ['app'],
    { recommends: false, lock: { strict: false, constraints: [{ name: 'lib', evr: '2-1', arch: 'noarch' }] } },
    ['app-1-1.noarch', 'lib-2-1.noarch', 'tool-1-1.x86_64'],
  ],
];

for (const [what, packages, changes, expected] of chosen) {
  test.serial(`resolvePackages() chooses ${what}`, async (t) => {
    t.deepEqual(await resolveTo(shared, { packages, ...changes }), [...expected]);
  });
}

test.serial('resolvePackages() prefers the lower priority number over the newer version', async (t) => {
  const packages = (version: string): SmallPackage[] => [{ name: 'thing', version }];
  const settings = ['priority=10'];
  const request = await makeRepos(t, [
    { id: 'old', packages: packages('1'), settings },
    { id: 'new', packages: packages('2') },
  ]);
  t.deepEqual(await resolveTo(request, { packages: ['thing'] }), ['thing-1-1.noarch']);
});

test.serial('resolvePackages() obeys excludepkgs and includepkgs of one repository only', async (t) => {
  const packages: SmallPackage[] = [
    { name: 'one', version: '2' },
    { name: 'two', version: '2' },
    { name: 'three', version: '2' },
  ];
  const older = packages.map((small) => ({ ...small, version: '1' }));
  const request = await makeRepos(t, [
    { id: 'a', packages, settings: ['includepkgs=one two', 'excludepkgs=t*'] },
    { id: 'b', packages: older },
  ]);
  t.deepEqual(await resolveTo(request, { packages: ['one', 'two', 'three'] }), [
    'one-2-1.noarch',
    'three-1-1.noarch',
    'two-1-1.noarch',
  ]);
});

test.serial('resolvePackages() takes repo-packages from their repository and nowhere else', async (t) => {
  const request = await makeRepos(t, [
    {
      id: 'a',
      packages: [
        { name: 'pinned', version: '1' },
        { name: 'user', requires: ['pinned'] },
      ],
    },
    { id: 'b', packages: [{ name: 'pinned', version: '9' }] },
  ]);
  t.deepEqual(await resolveTo(request, { packages: ['user'], repoPackages: [{ repo: 'a', packages: ['pinned'] }] }), [
    'pinned-1-1.noarch',
    'user-1-1.noarch',
  ]);
  const missing = await t.throwsAsync(resolveTo(request, { repoPackages: [{ repo: 'b', packages: ['user'] }] }));
  t.is(missing.message, 'a requested package is not available: user: no such package in the repository b');
  const unknown = await t.throwsAsync(resolveTo(request, { repoPackages: [{ repo: 'c', packages: ['user'] }] }));
  t.regex(unknown.message, /repo-packages names the repository c, which is not in repos\n.*Known are a, b$/);
});

test.serial('resolvePackages() takes modular packages from default streams only', async (t) => {
  const modular: SmallPackage[] = [
    { name: 'node', version: '18' },
    { name: 'node', version: '20' },
    { name: 'node', version: '22' },
    { name: 'perl', version: '9' },
  ];
  const request = await makeRepos(t, [
    { id: 'streams', packages: modular },
    {
      id: 'plain',
      packages: [
        { name: 'node', version: '99' },
        { name: 'perl', version: '5' },
      ],
    },
    { id: 'hotfix', packages: [{ name: 'fixed' }], settings: ['module_hotfixes=1'] },
  ]);
  const stream = (module: string, name: string, rpm: string): string =>
    `---\ndocument: modulemd\nversion: 2\ndata: {name: ${module}, stream: "${name}", artifacts: {rpms: ["${rpm}"]}}\n...\n`;
  const folder = join(request.cacheDir, '../streams');
  await writeFile(
    join(folder, 'modules.yaml'),
    stream('node', '18', 'node-0:18-1.noarch') +
      stream('node', '20', 'node-0:20-1.noarch') +
      stream('node', '22', 'node-0:22-1.noarch') +
      stream('perl', 'next', 'perl-0:9-1.noarch') +
      '---\ndocument: modulemd-defaults\nversion: 1\ndata: {module: node, stream: "20"}\n...\n',
  );
  t.deepEqual(await resolveTo(request, { packages: ['node', 'perl'] }), ['node-99-1.noarch', 'perl-9-1.noarch']);
  await run(['modifyrepo_c', '--mdtype=modules', join(folder, 'modules.yaml'), join(folder, 'repodata')]);
  t.deepEqual(await resolveTo(request, { packages: ['node', 'perl'] }), ['node-20-1.noarch', 'perl-5-1.noarch']);
  const error = await t.throwsAsync(resolveTo(request, { packages: ['node >= 99'] }));
  t.regex(error.message, /node-99-1\.noarch is hidden by the default stream of a module$/);
});

test.serial('resolvePackages() lets lockfile-repos give only locked packages', async (t) => {
  const made = await makeRepos(t, [
    { id: 'main', packages: [{ name: 'thing', version: '1' }] },
    { id: 'pool', packages: [{ name: 'thing', version: '2' }, { name: 'other' }] },
  ]);
  const request = { ...made, repos: ['main'], lockfileRepos: ['pool'], packages: ['thing'] };
  t.deepEqual(await resolveTo(request, {}), ['thing-1-1.noarch']);
  const lock = { strict: false, constraints: [{ name: 'thing', evr: '0:2-1' }] };
  t.deepEqual(await resolveTo(request, { lock }), ['thing-2-1.noarch']);
  const error = await t.throwsAsync(resolveTo(request, { lock, packages: ['other'] }));
  t.regex(error.message, /other-1-1\.noarch is not in the lock file, which pool only serves$/);
});

test.serial('resolvePackages() writes name, version, digest, size, repository and URL of each package', async (t) => {
  const request = await makeRepos(t, [{ id: 'base', packages: [{ name: 'c++~x', version: '1.0^2', epoch: 1 }] }]);
  const lock = await resolvePackages({ ...request, packages: ['c++~x'] }, quietTools());
  const [locked] = lock.packages;
  t.like(locked, { name: 'c++~x', epoch: 1, version: '1.0^2', release: '1', arch: 'noarch', repo: 'base' });
  t.regex(locked!.checksum.value, /^[0-9a-f]{64}$/);
  t.true(locked!.size > 500);
  t.true(locked!.url.startsWith(`file://`) && locked!.url.endsWith('/base/c++~x-1.0%5E2-1.noarch.rpm'), locked!.url);
  t.like(lock.repos, [{ id: 'base' }]);
  t.true(lock.repos[0]!.generated! > 1_600_000_000);
  t.is(locked!.sourcerpm, 'c++~x-1.0^2-1.src.rpm');
});

test.serial(
  'resolvePackages() re-uses the lock without a solver until the request or a repository changes',
  async (t) => {
    const request = { ...(await makeRepos(t, [{ id: 'base', packages: base }])), packages: ['app'] };
    const outcomes = async (changes: Partial<ResolveRequest> = {}): Promise<unknown> => {
      const tools = quietTools();
      await resolvePackages({ ...request, ...changes }, tools);
      return tools.seen.flatMap((event) => (event.type === 'step-end' ? [event.outcome] : [])).at(-1);
    };
    t.is(await outcomes(), 'done');
    // Without any parsed metadata the solver could not answer this fast or at all from XML that is gone.
    await rm(join(request.cacheDir, 'solv'), { recursive: true });
    t.is(await outcomes(), 'reused');
    t.is(await outcomes({ recommends: false }), 'done');
    await writeRepo(join(request.cacheDir, '../base'), [{ name: 'lib', version: '4' }]);
    t.is(await outcomes(), 'done');
    t.true((await resolveTo(request, {})).includes('lib-4-1.noarch'));
  },
);

test.serial('resolvePackages() makes damaged parsed metadata again from the repository', async (t) => {
  const request = await makeRepos(t, [{ id: 'base', packages: base }]);
  const expected = await resolveTo(request, { packages: ['app'] });
  const folder = join(request.cacheDir, 'solv');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.solv'));
  t.is(files.length, 1);
  await writeFile(join(folder, files[0]!), 'SOLV rubbish');
  await rm(join(request.cacheDir, 'locks'), { recursive: true });
  t.deepEqual(await resolveTo(request, { packages: ['app'] }), expected);
});

test.serial('resolvePackages() asks the solver when the lock of last time is cut or zeroed', async (t) => {
  const request = { ...(await makeRepos(t, [{ id: 'base', packages: base }])), packages: ['tool'] };
  const expected = await resolveTo(request, {});
  const folder = join(request.cacheDir, 'locks');
  const [name] = await readdir(folder);
  const whole = await readFile(join(folder, name!));
  for (const rest of [whole.subarray(0, whole.length / 2), Buffer.alloc(whole.length), Buffer.alloc(0)]) {
    await writeFile(join(folder, name!), rest);
    t.deepEqual(await resolveTo(request, {}), expected);
    t.deepEqual(await readFile(join(folder, name!)), whole);
  }
});

test.serial('resolvePackages() leaves no unpacked metadata behind', async (t) => {
  const request = await makeRepos(t, [{ id: 'base', packages: base }]);
  await resolveTo(request, { packages: ['needs-odd'] });
  t.deepEqual(await readdir(join(request.cacheDir, 'metadata'), { recursive: true }), []);
});

test.serial(
  'resolvePackages() names a repository whose metadata is missing, damaged or no metadata at all',
  async (t) => {
    const request = await makeRepos(t, [{ id: 'base', packages: base }]);
    const repodata = join(request.cacheDir, '../base/repodata');
    const primary = (await readdir(repodata)).find((name) => name.includes('primary'))!;
    await writeFile(join(repodata, primary), 'rubbish');
    await t.throwsAsync(resolveTo(request, { packages: ['app'] }), {
      message: /^repodata\/\S+-primary\.xml\.\S+ of the repository base cannot be used: /,
    });
    await writeFile(join(repodata, 'repomd.xml'), '<html>');
    await t.throwsAsync(resolveTo(request, { packages: ['app'] }), {
      message: /repomd\.xml \(repository base\) cannot be used: it ends inside <html>$/,
    });
    await rm(repodata, { recursive: true });
    await t.throwsAsync(resolveTo(request, { packages: ['app'] }), {
      message: /^repomd\.xml of the repository base cannot be read: .*repomd\.xml: no such file$/,
    });
  },
);

test.serial('resolveWithReasons() says who asked for each package', async (t) => {
  const request = shared;
  const { reasons } = await resolveWithReasons({ ...request, packages: ['app', 'extra'] }, quietTools());
  const of = (name: string) => reasons.find((row) => row.name === name);
  t.deepEqual(of('app')?.requests, ['app']);
  t.deepEqual(of('lib'), {
    package: 'lib-3-1.noarch',
    name: 'lib',
    requests: [],
    requiredBy: [{ package: 'app-1-1.noarch', dependency: 'lib >= 2' }],
    recommendedBy: [],
  });
  t.deepEqual(of('tool')?.requiredBy, [{ package: 'app-1-1.noarch', dependency: '/usr/bin/tool' }]);
  t.deepEqual(of('extra')?.recommendedBy, [{ package: 'app-1-1.noarch', dependency: 'extra' }]);
});
