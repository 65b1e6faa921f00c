import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import test from 'ava';
import { createHttpClient, type HttpSettings } from '../../../compose/resolve/http.ts';
import { parseIni } from '../../../compose/resolve/ini.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

test('createHttpClient() trusts sslcacert, shows the client certificate, and refuses strangers', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  for (const name of ['server', 'client']) {
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    await run([
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.crt`),
      '-days',
      '2',
      ...subject,
    ]);
  }
  const pem = (name: string): Promise<Buffer> => readFile(at(name));
  const server = createServer(
    {
      key: await pem('server.key'),
      cert: await pem('server.crt'),
      ca: await pem('client.crt'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => response.end((request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const plain: HttpSettings = {
    id: 'test',
    settings: parseIni('[test]\nsslcacert=missing\n', 'x.repo').sections[0]!.values,
    proxy: 'none',
    credentials: null,
    sslCaCert: null,
    sslClientCert: null,
    sslClientKey: null,
    sslVerify: true,
    timeoutMs: 60_000,
  };
  const ask = async (changes: Partial<HttpSettings>): Promise<string> => {
    const client = createHttpClient({ ...plain, ...changes });
    try {
      const { body } = await client.get(url, {}, new AbortController().signal);
      return (await body.toArray()).join('');
    } finally {
      client.close();
    }
  };
  await t.throwsAsync(ask({}), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  t.is(await ask({ sslVerify: false }), 'nobody');
  t.is(await ask({ sslCaCert: at('server.crt') }), 'nobody');
  const ca = { sslCaCert: at('server.crt') };
  t.is(await ask({ ...ca, sslClientCert: at('client.crt'), sslClientKey: at('client.key') }), 'client');
  await writeFile(at('both.pem'), Buffer.concat([await pem('client.crt'), await pem('client.key')]));
  t.is(await ask({ ...ca, sslClientCert: at('both.pem') }), 'client');
  t.throws(() => createHttpClient({ ...plain, sslCaCert: at('missing') }), {
    message:
      /missing, a certificate or key of the repository test, cannot be read: no such file\n {2}--> x\.repo:2:1\n/,
  });
});
