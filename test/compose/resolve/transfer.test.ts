import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createHttpClient, type HttpSettings } from '../../../compose/resolve/http.ts';
import { type TransferSpec, transfer } from '../../../compose/resolve/transfer.ts';
import { sha256 } from '../../../lib/documents.ts';
import { Cancelled, UserError } from '../../../lib/errors.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type Misbehaviour, type RepoServer, serveRepo } from './support/repo-server.ts';

const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) & 0xff));
const settings: HttpSettings = {
  id: 'test',
  proxy: 'none',
  credentials: null,
  sslCaCert: null,
  sslClientCert: null,
  sslClientKey: null,
  settings: new Map(),
  sslVerify: true,
  timeoutMs: 10_000,
};

interface Bench {
  readonly folder: string;
  readonly target: string;
  readonly servers: readonly RepoServer[];
  fetch(changes?: Partial<TransferSpec>, signal?: AbortSignal): Promise<void>;
}

/** One file on some servers, and a transfer of it with short pauses. */
async function bench(t: ExecutionContext, serverCount = 1, changed: Partial<HttpSettings> = {}): Promise<Bench> {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), content);
  const servers = await Promise.all(Array.from({ length: serverCount }, () => serveRepo(t, folder)));
  const client = createHttpClient({ ...settings, ...changed });
  t.teardown(() => client.close());
  const target = join(folder, 'out', 'target');
  const spec: TransferSpec = {
    what: 'the file',
    urls: servers.map((server) => `${server.url}/file`),
    target,
    checksum: { type: 'sha256', value: sha256(content) },
    size: content.length,
    retries: 2,
  };
  return {
    folder,
    target,
    servers,
    fetch: (changes = {}, signal = new AbortController().signal) =>
      transfer({ ...spec, ...changes }, { client, signal, backoffMs: 5 }),
  };
}

/** How long a server may be silent where the test is about one that is. */
const stallLimitMs = 1500;

const survivable: readonly Misbehaviour[] = ['cut', 'stall', 'corrupt', 'redirect', 'error-503'];

for (const how of survivable) {
  test(`transfer() gets the whole file from a server that does ${how} twice`, async (t) => {
    const { servers, target, fetch } = await bench(t, 1, how === 'stall' ? { timeoutMs: stallLimitMs } : {});
    servers[0]!.misbehave(/^\/file/, how, 2);
    // On a busy machine a good server may seem to stall as well.
    await fetch(how === 'stall' ? { retries: 10 } : {});
    t.deepEqual(await readFile(target), content);
    t.deepEqual(await readdir(join(target, '..')), ['target']);
  });
}

test('transfer() never joins parts of two answers when no digest could tell', async (t) => {
  const { servers, target } = await bench(t, 2);
  servers[0]!.misbehave(/^\/file/, 'cut');
  const client = createHttpClient(settings);
  t.teardown(() => client.close());
  const urls = servers.map((server) => `${server.url}/file`);
  const tools = { client, signal: new AbortController().signal, backoffMs: 5 };
  await transfer({ what: 'the file', urls, target, retries: 0 }, tools);
  t.deepEqual(await readFile(target), content);
  t.deepEqual(
    servers.map(({ requests }) => requests.map(({ range }) => range)),
    [[undefined], [undefined]],
  );
});

test('transfer() continues behind the bytes that a cut connection brought', async (t) => {
  const { servers, target, fetch } = await bench(t);
  servers[0]!.misbehave(/^\/file/, 'cut');
  await fetch();
  t.deepEqual(await readFile(target), content);
  t.deepEqual(
    servers[0]!.requests.map(({ range }) => range),
    [undefined, 'bytes=50000-'],
  );
});

test('transfer() continues in a later run what an earlier one could not finish', async (t) => {
  const { servers, target, fetch } = await bench(t);
  servers[0]!.misbehave(/^\/file/, 'cut');
  await t.throwsAsync(fetch({ retries: 0 }));
  t.deepEqual(await readdir(join(target, '..')), ['target.part']);
  await fetch();
  t.deepEqual(await readFile(target), content);
  t.is(servers[0]!.requests.at(-1)?.range, 'bytes=50000-');
  t.deepEqual(await readdir(join(target, '..')), ['target']);
});

test('transfer() starts afresh when the left-over part is of another file', async (t) => {
  const { target, folder, fetch } = await bench(t);
  await fetch();
  await writeFile(`${target}.part`, 'something else');
  await fetch();
  t.deepEqual(await readFile(join(folder, 'out', 'target')), content);
});

test('transfer() blames no mirror for a left-over part of zeroes or of too many bytes', async (t) => {
  for (const leftOver of [Buffer.alloc(40_000), Buffer.alloc(content.length), Buffer.alloc(content.length + 1)]) {
    const { target, folder, fetch } = await bench(t);
    await mkdir(join(folder, 'out'));
    await writeFile(`${target}.part`, leftOver);
    await fetch({ retries: 0 });
    t.deepEqual(await readFile(target), content);
  }
});

test('transfer() goes to the next mirror at once and asks a mirror without the file only once', async (t) => {
  const { servers, target, fetch } = await bench(t, 3);
  servers[0]!.misbehave(/^\/file/, 'error-404', 100);
  servers[1]!.misbehave(/^\/file/, 'corrupt', 100);
  await fetch();
  t.deepEqual(await readFile(target), content);
  t.deepEqual(
    servers.map((server) => server.requests.length),
    [1, 1, 1],
  );
});

test('transfer() names every mirror with its reason when all fail', async (t) => {
  const { servers, fetch } = await bench(t, 2);
  servers[0]!.misbehave(/^\/file/, 'error-404', 100);
  servers[1]!.misbehave(/^\/file/, 'corrupt', 100);
  const error = await t.throwsAsync(fetch());
  const [first, second] = servers.map((server) => `${server.url}/file`);
  t.regex(
    error.message.replaceAll(first!, 'FIRST').replaceAll(second!, 'SECOND'),
    /^the file cannot be downloaded: FIRST: the server answers 404; SECOND: expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}$/,
  );
});

const hopeless: readonly (readonly [string, Partial<TransferSpec>, Misbehaviour | undefined, RegExp])[] = [
  ['a file of another size', { size: 99_999 }, undefined, /it is longer than 99999 bytes$/],
  [
    'a file that is too short',
    { size: 200_000 },
    undefined,
    /expected 200000 bytes, got 100000$|does not fit the file on the server$/,
  ],
  [
    'an answer without end for a file of unknown size',
    { size: undefined, limit: 1000 } as Partial<TransferSpec>,
    undefined,
    /it is longer than 1000 bytes$/,
  ],
  ['redirects in a circle', {}, 'redirect-loop', /it redirects more than 10 times$/],
  ['a stalled server', { retries: 0 }, 'stall', /no answer for 1.5 s$/],
];

for (const [what, changes, how, message] of hopeless) {
  test(`transfer() gives up on ${what}`, async (t) => {
    const { servers, fetch } = await bench(t, 1, how === 'stall' ? { timeoutMs: stallLimitMs } : {});
    if (how !== undefined) servers[0]!.misbehave(/^\/file/, how, 1000);
    await t.throwsAsync(fetch(changes), { message });
  });
}

test('transfer() says when nobody listens', async (t) => {
  const { fetch } = await bench(t);
  const probe = createServer();
  const port = await new Promise<number>((resolve) => {
    probe.listen(0, '127.0.0.1', () => resolve((probe.address() as { port: number }).port));
  });
  await new Promise((resolve) => probe.close(resolve));
  await t.throwsAsync(fetch({ urls: [`http://127.0.0.1:${port}/file`], retries: 0 }), {
    message: `the file cannot be downloaded: http://127.0.0.1:${port}/file: the connection is refused`,
  });
});

test('transfer() stops at once when it is cancelled and keeps what it has', async (t) => {
  const { servers, target, fetch } = await bench(t, 1, { timeoutMs: 60_000 });
  servers[0]!.misbehave(/^\/file/, 'stall');
  const controller = new AbortController();
  const running = fetch({}, controller.signal);
  await partOnDisk(join(target, '..'), content.length >> 1);
  controller.abort();
  await t.throwsAsync(running, { instanceOf: Cancelled });
  t.deepEqual(await readdir(join(target, '..')), ['target.part']);
});

/** Waits until some file in the folder has this many bytes. */
async function partOnDisk(folder: string, bytes: number): Promise<void> {
  for (;;) {
    for (const name of await readdir(folder).catch(() => [])) {
      if ((await stat(join(folder, name))).size >= bytes) return;
    }
    await setTimeout(10);
  }
}

test('createHttpClient() sends credentials to the repository and asks through a proxy', async (t) => {
  const { folder } = await bench(t);
  const proxy = await serveRepo(t, folder);
  const client = createHttpClient({ ...settings, credentials: 'me:secret', proxy: proxy.url });
  t.teardown(() => client.close());
  const response = await client.get('http://repository.invalid/file', {}, new AbortController().signal);
  response.body.resume();
  t.is(response.status, 200);
  t.deepEqual(proxy.requests, [
    {
      path: 'http://repository.invalid/file',
      range: undefined,
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
    },
  ]);
});

test('transfer() says which file cannot be stored where its folder cannot be made', async (t) => {
  const { folder, fetch } = await bench(t);
  await writeFile(join(folder, 'plain'), '');
  const target = join(folder, 'plain', 'inner', 'target');
  const error = await t.throwsAsync(fetch({ target }), { instanceOf: UserError });
  t.is(error?.code, 'cache-unwritable');
  t.true(error?.message.startsWith(`the file cannot be stored as ${target}: ENOTDIR`), error?.message);
});
