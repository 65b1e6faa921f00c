import { mkdir, symlink } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseListen } from '../../../cli/commands/serve.ts';
import { publishToArchive } from '../../../compose/publish/publish.ts';
import { cacheControl, parseRange, serveFolder } from '../../../compose/publish/serve.ts';
import { UserError } from '../../../lib/errors.ts';
import { Events } from '../../../lib/events.ts';
import { run } from '../../../lib/run.ts';
import { tree } from '../../support/temporary.ts';
import { tinyRef, tinyRepo } from '../tiny-repo.ts';

for (const [header, size, expected] of [
  [undefined, 10, null],
  ['bytes=0-3', 10, { start: 0, end: 3 }],
  ['bytes=4-', 10, { start: 4, end: 9 }],
  ['bytes=4-99', 10, { start: 4, end: 9 }],
  ['bytes=-3', 10, { start: 7, end: 9 }],
  ['bytes=-99', 10, { start: 0, end: 9 }],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=5-2', 10, null],
  ['bytes=0-1,4-5', 10, null],
  ['lines=0-1', 10, null],
] as const) {
  test(`parseRange() of ${header} in ${size} bytes`, (t) => t.deepEqual(parseRange(header, size), expected));
}

test('cacheControl() lets clients keep what is named by its content and nothing else', (t) => {
  const object = `/objects/0c/${'a'.repeat(62)}`;
  for (const kind of ['commit', 'dirtree', 'dirmeta', 'filez']) t.regex(cacheControl(`${object}.${kind}`), /immutable/);
  for (const path of [`${object}.commitmeta`, '/summary', '/summary.sig', '/config', '/refs/heads/os/host']) {
    t.is(cacheControl(path), 'no-cache', path);
  }
});

for (const [text, expected] of [
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  [':80', { host: '0.0.0.0', port: 80 }],
] as const) {
  test(`parseListen() of ${text}`, (t) => t.deepEqual(parseListen(text), expected));
}

test('parseListen() refuses what has no port', (t) => {
  for (const text of ['8080', 'host', 'host:99999', '::1:80']) {
    t.throws(() => parseListen(text), { message: `--listen ${text} is not of the form ADDRESS:PORT` });
  }
});

async function served(t: ExecutionContext, folder: string): Promise<string> {
  const server = await serveFolder(folder, { host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close());
  return server.url;
}

test('serveFolder() gives whole files, parts of them, and nothing outside of the folder', async (t) => {
  const outer = await tree(t, { secret: 'secret', 'www/file': '0123456789', 'www/empty': '' });
  await symlink('../secret', join(outer, 'www/leak'));
  await mkdir(join(outer, 'www/folder'));
  const url = await served(t, join(outer, 'www'));
  const whole = await fetch(`${url}/file`);
  t.is(await whole.text(), '0123456789');
  t.is(whole.headers.get('cache-control'), 'no-cache');
  const etag = whole.headers.get('etag')!;
  t.is((await fetch(`${url}/file`, { headers: { 'if-none-match': etag } })).status, 304);
  const part = await fetch(`${url}/file`, { headers: { range: 'bytes=2-4' } });
  t.deepEqual([part.status, part.headers.get('content-range'), await part.text()], [206, 'bytes 2-4/10', '234']);
  const stale = await fetch(`${url}/file`, { headers: { range: 'bytes=2-4', 'if-range': '"other"' } });
  t.deepEqual([stale.status, await stale.text()], [200, '0123456789']);
  t.is((await fetch(`${url}/file`, { headers: { range: 'bytes=10-' } })).status, 416);
  const head = await fetch(`${url}/file`, { method: 'HEAD' });
  t.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '10', '']);
  t.is(await (await fetch(`${url}/empty`)).text(), '');
  t.is((await fetch(`${url}/file`, { method: 'POST' })).status, 405);
  for (const [path, status] of [
    ['/folder', 404],
    ['/missing', 404],
    ['/leak', 404],
    ['/../secret', 400],
    ['/%2e%2e/secret', 400],
    ['/x/..%2f..%2fsecret', 400],
    ['/%00', 400],
    ['/%zz', 400],
  ] as const) {
    t.is(await rawStatus(url, path), status, path);
  }
});

test('serveFolder() names the address that it cannot have', async (t) => {
  const folder = await tree(t, {});
  const port = Number(new URL(await served(t, folder)).port);
  const error = await t.throwsAsync(serveFolder(folder, { host: '127.0.0.1', port }), { instanceOf: UserError });
  t.is(error?.message, `cannot listen on 127.0.0.1:${port}: another program uses it`);
});

test('ostree pulls a published commit from serveFolder(), by static delta for an update', async (t) => {
  const tiny = await tinyRepo(t);
  const to = join(tiny.folder, 'archive');
  const tools = { events: new Events(), signal: new AbortController().signal };
  const publish = () =>
    publishToArchive(
      { repo: tiny.repo, ref: tinyRef, to, delta: true, signers: { gpg: null, ed25519: [], dropOthers: false } },
      tools,
    );
  const client = ['ostree', `--repo=${join(tiny.folder, 'client')}`];
  await tiny.commit({ files: { a: '1' } });
  await publish();
  await mkdir(join(tiny.folder, 'client'));
  await run([...client, 'init', '--mode=bare-user']);
  const url = await served(t, to);
  await run([...client, 'remote', 'add', '--no-sign-verify', '--no-gpg-verify', 'os', url]);
  await run([...client, 'pull', 'os', tinyRef]);
  const second = await tiny.commit({ files: { a: '2' } });
  await publish();
  await run([...client, 'pull', '--require-static-deltas', 'os', tinyRef]);
  t.is((await run([...client, 'rev-parse', `os:${tinyRef}`])).stdout.trim(), second);
});

// fetch() would tidy the path up.
function rawStatus(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end();
  });
}
