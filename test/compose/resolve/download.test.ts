import { appendFile, readFile, rename, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { downloadPackages, mirrorUrls } from '../../../compose/resolve/download.ts';
import type { PackageLock } from '../../../compose/resolve/lock.ts';
import { loadRepos } from '../../../compose/resolve/repos.ts';
import type { ResolveRequest } from '../../../compose/resolve/request.ts';
import { resolvePackages } from '../../../compose/resolve/resolve.ts';
import { DiagnosticsError } from '../../../lib/diagnostics.ts';
import { sha256 } from '../../../lib/documents.ts';
import { UserError } from '../../../lib/errors.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type RepoServer, serveRepo } from './support/repo-server.ts';
import { makeRepos, namesIn, quietTools, requestFor, type SmallPackage, writeRepo } from './support/small-repo.ts';

const packages: readonly SmallPackage[] = [
  { name: 'app', requires: ['lib'], files: ['/usr/bin/app'] },
  { name: 'lib', files: ['/usr/lib/lib.so'] },
];

async function download(request: ResolveRequest, lock: PackageLock): Promise<Map<string, string>> {
  const repos = await loadRepos(request);
  return await downloadPackages(lock, { ...quietTools(), cacheDir: request.cacheDir, repos });
}

async function localLock(t: ExecutionContext): Promise<{ request: ResolveRequest; lock: PackageLock; file: string }> {
  const made = await makeRepos(t, [{ id: 'base', packages }]);
  const request = { ...made, packages: ['app'] };
  const lock = await resolvePackages(request, quietTools());
  return { request, lock, file: join(made.cacheDir, '../base/lib-1-1.noarch.rpm') };
}

interface Served {
  readonly request: ResolveRequest;
  readonly servers: readonly RepoServer[];
  readonly folder: string;
}

async function served(t: ExecutionContext, serverCount = 1, settings = ''): Promise<Served> {
  const folder = await temporaryFolder(t);
  await writeRepo(join(folder, 'repo'), packages);
  const servers = await Promise.all(Array.from({ length: serverCount }, () => serveRepo(t, join(folder, 'repo'))));
  const urls = servers.map((server) => server.url).join(' ');
  const repoFile = `[web]\nbaseurl=${urls}\ngpgcheck=0\nretries=1\ntimeout=20\n${settings}`;
  const request = { ...(await requestFor(folder, repoFile, ['web'])), packages: ['app'] };
  return { request, servers, folder };
}

test.serial('downloadPackages() uses packages of file: repositories where they are', async (t) => {
  const { request, lock } = await localLock(t);
  const paths = await download(request, lock);
  t.is(paths.size, 2);
  for (const { checksum, url } of lock.packages) {
    t.is(`file://${paths.get(checksum.value)}`, url);
    t.is(sha256(await readFile(paths.get(checksum.value)!)), checksum.value);
  }
});

test.serial(
  'downloadPackages() notices a byte changed behind a remembered verdict, even with the old time',
  async (t) => {
    const { request, lock, file } = await localLock(t);
    await download(request, lock);
    const { atime, mtime } = await stat(file);
    const content = await readFile(file);
    content[content.length - 5]! ^= 1;
    await writeFile(file, content);
    await utimes(file, atime, mtime);
    await t.throwsAsync(download(request, lock), {
      message:
        /^the package lib-1-1\.noarch of the repository base \(file:\/\/\S+\) is not what the metadata says: expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}$/,
    });
  },
);

const broken: readonly (readonly [string, (file: string) => Promise<unknown>, RegExp])[] = [
  [
    'truncated',
    (file) => truncate(file, 100),
    /\(file:\S+\) is not what the metadata says: expected \d+ bytes, got 100$/,
  ],
  [
    'longer than it was',
    (file) => appendFile(file, 'x'),
    /is not what the metadata says: expected \d+ bytes, got \d+$/,
  ],
  ['gone', (file) => rename(file, `${file}.away`), /\(file:\S+\) cannot be read: no such file$/],
];

for (const [what, harm, message] of broken) {
  test.serial(`downloadPackages() names a local package that is ${what}`, async (t) => {
    const { request, lock, file } = await localLock(t);
    await harm(file);
    await t.throwsAsync(download(request, lock), { message });
  });
}

test.serial('downloadPackages() keeps HTTP packages by digest and asks for them once', async (t) => {
  const { request, servers } = await served(t);
  const lock = await resolvePackages(request, quietTools());
  t.deepEqual(namesIn(lock), ['app-1-1.noarch', 'lib-1-1.noarch']);
  const paths = await download(request, lock);
  for (const { checksum } of lock.packages) {
    t.is(paths.get(checksum.value), join(request.cacheDir, 'rpms', 'sha256', `${checksum.value}.rpm`));
  }
  const asked = servers[0]!.requests.length;
  t.deepEqual(await download(request, lock), paths);
  t.is(servers[0]!.requests.length, asked);
});

test.serial('downloadPackages() fetches again what was damaged in the cache', async (t) => {
  const { request } = await served(t);
  const lock = await resolvePackages(request, quietTools());
  const paths = await download(request, lock);
  const [checksum, path] = [...paths][0]!;
  await writeFile(path, 'rubbish');
  await download(request, lock);
  t.is(sha256(await readFile(path)), checksum);
});

test.serial('resolving and downloading survive a server that cuts, corrupts, redirects and fails', async (t) => {
  const { request, servers } = await served(t);
  servers[0]!.misbehave(/^\/repodata\/repomd/, 'redirect');
  servers[0]!.misbehave(/^\/repodata\/.*primary/, 'corrupt');
  servers[0]!.misbehave(/^\/app/, 'cut');
  servers[0]!.misbehave(/^\/lib/, 'error-503');
  const lock = await resolvePackages(request, quietTools());
  t.is((await download(request, lock)).size, 2);
});

test.serial('resolving and downloading go to the second mirror when the first has nothing', async (t) => {
  const { request, servers } = await served(t, 2);
  servers[0]!.misbehave(/./, 'error-404', 1000);
  const lock = await resolvePackages(request, quietTools());
  t.is((await download(request, lock)).size, 2);
});

test.serial(
  'resolvePackages() tells a mirrorlist that is not there, and one without mirrors with its line',
  async (t) => {
    const folder = await temporaryFolder(t);
    const list = join(folder, 'list');
    const request = await requestFor(folder, `[web]\nmirrorlist=file://${list}\ngpgcheck=0\n`, ['web']);
    const missing = await t.throwsAsync(resolvePackages(request, quietTools()), { instanceOf: UserError });
    t.is(missing.message, `the mirrorlist of the repository web cannot be read: ${list}: no such file`);
    t.is(missing.hint, `correct mirrorlist= of [web] in ${folder}/test.repo`);
    await writeFile(list, '# none\n');
    const empty = await t.throwsAsync(resolvePackages(request, quietTools()), { instanceOf: DiagnosticsError });
    const [problem] = empty.diagnostics;
    t.regex(
      problem?.message ?? '',
      /^the mirrorlist file:\S+ of the repository web cannot be used: it names no mirror/,
    );
    t.like(problem, { code: 'mirrors-unusable', position: { line: 2, column: 1, endColumn: 11 } });
  },
);

test.serial('resolvePackages() follows a mirrorlist, and a metalink past a mirror that is out of date', async (t) => {
  const { request, servers, folder } = await served(t, 2);
  await writeFile(join(folder, 'list'), `${servers[1]!.url}\n`);
  const listed = await requestFor(folder, `[web]\nmirrorlist=file://${folder}/list\ngpgcheck=0\n`, ['web']);
  t.is((await resolvePackages({ ...listed, packages: ['app'] }, quietTools())).packages.length, 2);
  t.is(servers[0]!.requests.length, 0);

  const digest = sha256(await readFile(join(folder, 'repo/repodata/repomd.xml')));
  const urls = servers.map(({ url }, index) => `<url preference="${100 - index}">${url}/repodata/repomd.xml</url>`);
  const metalink = (hash: string): string =>
    `<metalink><files><file name="repomd.xml"><verification><hash type="sha256">${hash}</hash></verification><resources>${urls.join('')}</resources></file></files></metalink>`;
  const linked = await requestFor(folder, `[web]\nmetalink=file://${folder}/link\ngpgcheck=0\n`, ['web']);
  await writeFile(join(folder, 'link'), metalink(digest));
  servers[0]!.misbehave(/repomd/, 'corrupt', 1000);
  t.is(
    (await resolvePackages({ ...linked, packages: ['app'], cacheDir: join(folder, 'other') }, quietTools())).packages
      .length,
    2,
  );
  await writeFile(join(folder, 'link'), metalink('0'.repeat(64)));
  await t.throwsAsync(resolvePackages({ ...request, ...linked, packages: ['app'] }, quietTools()), {
    message: /(\S+\/repomd\.xml: it has none of the digests in the metalink(; )?){2}$/,
  });
});

test.serial(
  'resolvePackages() asks each mirror of a metalink once before any of them again, and tells of all',
  async (t) => {
    const { servers, folder } = await served(t, 2);
    const urls = servers.map(({ url }, index) => `<url preference="${100 - index}">${url}/repodata/repomd.xml</url>`);
    const metalink = (hash: string): string =>
      `<metalink><files><file name="repomd.xml"><hash type="sha256">${hash}</hash>${urls.join('')}</file></files></metalink>`;
    await writeFile(join(folder, 'link'), metalink(sha256(await readFile(join(folder, 'repo/repodata/repomd.xml')))));
    const linked = await requestFor(folder, `[web]\nmetalink=file://${folder}/link\ngpgcheck=0\nretries=1\n`, ['web']);
    const request = { ...linked, packages: ['app'], cacheDir: join(folder, 'other') };
    servers[0]!.misbehave(/repomd/, 'error-503', 1000);
    t.is((await resolvePackages(request, quietTools())).packages.length, 2);
    t.is(servers[0]!.requests.filter(({ path }) => path.endsWith('/repomd.xml')).length, 1);

    await writeFile(join(folder, 'link'), metalink('0'.repeat(64)));
    const [first, second] = servers.map(({ url }) => `${url}/repodata/repomd.xml`);
    await t.throwsAsync(resolvePackages(request, quietTools()), {
      message: `repomd.xml of the repository web cannot be downloaded: ${first}: the server answers 503; ${second}: it has none of the digests in the metalink`,
    });
  },
);

test.serial('downloadPackages() names package, repository and every URL when nothing helps', async (t) => {
  const { request, servers } = await served(t, 2, 'retries=0\n');
  const lock = await resolvePackages(request, quietTools());
  for (const server of servers) server.misbehave(/^\/lib/, 'error-404', 1000);
  const error = await t.throwsAsync(download(request, lock));
  const [first, second] = servers.map(({ url }) => `${url}/lib-1-1.noarch.rpm: the server answers 404`);
  t.is(error.message, `the package lib-1-1.noarch of the repository web cannot be downloaded: ${first}; ${second}`);
});

test.serial('resolvePackages() uses kept metadata without asking when metadata_expire=never', async (t) => {
  const { request, servers } = await served(t, 1, 'metadata_expire=never\n');
  await resolvePackages(request, quietTools());
  servers[0]!.misbehave(/./, 'error-404', 1000);
  t.is((await resolvePackages({ ...request, packages: ['lib'] }, quietTools())).packages.length, 1);
});

test.serial(
  'resolvePackages() takes no kept metadata as checked that was kept before repo_gpgcheck was turned on',
  async (t) => {
    const { request, servers } = await served(t, 1, 'metadata_expire=never\n');
    await resolvePackages(request, quietTools());
    const [file] = request.repoFiles;
    await appendFile(file!, 'repo_gpgcheck=1\ngpgkey=file:///key\n');
    await t.throwsAsync(resolvePackages(request, quietTools()), {
      message: /repomd\.xml\.asc .* the server answers 404/,
    });
    t.true(servers[0]!.requests.some(({ path }) => path.endsWith('/repomd.xml.asc')));
  },
);

test.serial('downloadPackages() refuses a lock whose repository is not configured', async (t) => {
  const { lock, request } = await localLock(t);
  await t.throwsAsync(downloadPackages(lock, { ...quietTools(), cacheDir: request.cacheDir, repos: [] }), {
    message: 'the lock takes packages from the repository base, which is not configured',
  });
});

test.serial('mirrorUrls() puts the locked URL first and the same path on other mirrors behind', (t) => {
  t.deepEqual(mirrorUrls('http://a/x/p/q.rpm', ['http://b/y', 'http://a/x', 'http://c']), [
    'http://a/x/p/q.rpm',
    'http://b/y/p/q.rpm',
    'http://c/p/q.rpm',
  ]);
  t.deepEqual(mirrorUrls('http://d/q.rpm', ['http://a']), ['http://d/q.rpm']);
});
