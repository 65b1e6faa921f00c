import { once } from 'node:events';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import { addCommitMetadata } from '../../compose/write-metadata.ts';
import type { AgentEvent } from '../../host-agent/agent/events.ts';
import { passedSocket } from '../../host-agent/api/listen.ts';
import openapi from '../../host-agent/api/openapi.json' with { type: 'json' };
import { routes } from '../../host-agent/api/routes.ts';
import { readBootCounter } from '../../host-agent/boot/boot-counter.ts';
import { rememberFailedDeployment } from '../../host-agent/boot/failed-deployments.ts';
import { requestOperation, requestStatus } from '../../host-agent/cli/client.ts';
import { type Advisory, advisoriesKey, advisoriesVariant } from '../../lib/advisories.ts';
import { tinyRepo } from '../compose/tiny-repo.ts';
import { type FakeHost, fakeHost, startDaemon, until, version1, version2 } from '../support/host-agent.ts';

async function ask(
  host: FakeHost,
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; text: string }> {
  const outgoing = request({ socketPath: host.paths.socket, method, path, agent: false }).end(body);
  const [response] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

const operate = async (host: FakeHost, path: '/v1/upgrade' | '/v1/rollback', flags: Record<string, boolean> = {}) => {
  const events: AgentEvent[] = [];
  const result = await requestOperation(host.paths.socket, path, flags, (event) => events.push(event));
  return { result, states: events.flatMap((event) => (event.type === 'state' ? [event.state] : [])) };
};

test.serial('the daemon makes a socket that only its owner can open', async (t) => {
  const host = await fakeHost(t, 'one');
  await startDaemon(t, host);
  t.is((await stat(host.paths.socket)).mode & 0o777, 0o600);
});

test.serial('GET /v1/status gives deployments in the shape of rpm-ostree and the boot counter', async (t) => {
  const host = await fakeHost(t, 'staged', { boot_counter: '3' });
  await startDaemon(t, host);
  const status = await requestStatus(host.paths.socket);
  t.deepEqual(status.deployments[0], {
    id: `debian-${version2}.0`,
    osname: 'debian',
    serial: 0,
    checksum: version2,
    version: '2',
    timestamp: 1_767_312_000,
    origin: 'debian:debian/x86_64/host',
    booted: false,
    staged: true,
    pinned: false,
    unlocked: 'none',
    'base-commit-meta': { version: '2' },
  });
  t.like(status, { kind: 'host-status', state: 'staged', transaction: null, boot: null, lastFailure: null });
  t.deepEqual(status.bootCounter, { supported: true, triesLeft: 3 });
});

test.serial('GET /v1/status has exactly the members of the OpenAPI description', async (t) => {
  const host = await fakeHost(t, 'one');
  await startDaemon(t, host);
  const status = await requestStatus(host.paths.socket);
  const { HostStatus, Deployment } = openapi.components.schemas;
  t.deepEqual(Object.keys(status).sort(), [...HostStatus.required].sort());
  t.deepEqual(Object.keys(status.deployments[0]!).sort(), [...Deployment.required].sort());
});

test.serial('GET /v1/openapi.json describes exactly the routes', async (t) => {
  const host = await fakeHost(t, 'one');
  await startDaemon(t, host);
  const served = JSON.parse((await ask(host, 'GET', '/v1/openapi.json')).text) as typeof openapi;
  const described = Object.entries(served.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  t.deepEqual(described.sort(), Object.keys(routes).sort());
});

test.serial('POST /v1/upgrade checks, downloads, arms the boot counter and stages', async (t) => {
  const host = await fakeHost(t, 'one');
  await startDaemon(t, host);
  const { result, states } = await operate(host, '/v1/upgrade');
  t.like(result, { outcome: 'staged', checksum: version2, version: '2' });
  t.deepEqual(states, ['checking', 'downloading', 'staging', 'staged']);
  t.deepEqual(await host.changes(), [
    'ostree pull --commit-metadata-only debian debian/x86_64/host',
    'ostree admin upgrade --pull-only',
    'ostree admin upgrade --deploy-only --stage',
  ]);
  t.deepEqual(await readBootCounter(host.paths.bootEnvironment), { supported: true, triesLeft: 3 });
  t.is((await operate(host, '/v1/upgrade')).result.outcome, 'already-staged');
});

test.serial('POST /v1/upgrade with check only asks', async (t) => {
  const host = await fakeHost(t, 'one');
  await startDaemon(t, host);
  const { result, states } = await operate(host, '/v1/upgrade', { check: true });
  t.is(result.outcome, 'update-available');
  t.deepEqual(states, ['checking', 'idle']);
  t.is((await host.changes()).length, 1);
  t.like((await requestStatus(host.paths.socket))['cached-update'], { checksum: version2, version: '2' });
});

test.serial('GET /v1/status lists the advisories that an update fixes in the shape of rpm-ostree', async (t) => {
  const host = await fakeHost(t, 'one');
  const { repo, commit } = await tinyRepo(t);
  await mkdir(dirname(host.paths.repo), { recursive: true });
  await symlink(repo, host.paths.repo);
  const plain = await commit({ files: {}, packages: ['app 2'] });
  const references = [{ url: 'https://bugs/1', title: 'CVE-1-1' }];
  const advisory: Advisory = {
    id: 'A',
    severity: 'important',
    packages: ['app-2-1.noarch'],
    cveReferences: references,
  };
  const newest = await addCommitMetadata(repo, plain, new Map([[advisoriesKey, advisoriesVariant([advisory])]]));
  await host.set('newest', newest);
  await startDaemon(t, host);
  await operate(host, '/v1/upgrade', { check: true });
  t.deepEqual((await requestStatus(host.paths.socket))['cached-update']?.advisories, [
    ['A', 1, 3, ['app-2-1.noarch'], { cve_references: [['https://bugs/1', 'CVE-1-1']] }],
  ]);
});

test.serial('POST /v1/upgrade says when the newest is booted', async (t) => {
  const host = await fakeHost(t, 'upgraded');
  await startDaemon(t, host);
  t.is((await operate(host, '/v1/upgrade')).result.outcome, 'up-to-date');
});

test.serial('POST /v1/upgrade with reboot asks systemd once the deployment is staged', async (t) => {
  const host = await fakeHost(t, 'one');
  await startDaemon(t, host);
  const { states } = await operate(host, '/v1/upgrade', { reboot: true });
  t.is(states.at(-1), 'rebooting');
  t.is((await host.changes()).at(-1), 'systemctl reboot --no-block');
});

test.serial('POST /v1/upgrade with reboot does not reboot into a rollback that waits', async (t) => {
  const host = await fakeHost(t, 'reverted');
  await startDaemon(t, host);
  const { result, states } = await operate(host, '/v1/upgrade', { reboot: true });
  t.is(result.outcome, 'up-to-date');
  t.is(states.at(-1), 'reverted');
  t.false((await host.changes()).some((call) => call.startsWith('systemctl')));
});

test.serial('POST /v1/upgrade refuses what did not start here before, unless forced', async (t) => {
  const host = await fakeHost(t, 'one');
  await rememberFailedDeployment(host.paths.failedDeployments, {
    checksum: version2,
    version: '2',
    failedAt: '2026-01-03',
  });
  await startDaemon(t, host);
  const error = await t.throwsAsync(operate(host, '/v1/upgrade'), { code: 'update-refused' });
  t.is(error?.message, 'version 2 did not start on this host at 2026-01-03 and is not installed again');
  t.true((await operate(host, '/v1/upgrade', { check: true })).result.refused);
  t.is((await operate(host, '/v1/upgrade', { force: true })).result.outcome, 'staged');
});

test.serial('POST /v1/upgrade reports what ostree said when it fails, and works again afterwards', async (t) => {
  const host = await fakeHost(t, 'one');
  await startDaemon(t, host);
  await host.set('fail', 'admin upgrade --pull-only');
  await t.throwsAsync(operate(host, '/v1/upgrade'), {
    code: 'tool',
    message: /exit status 1: error: Server returned HTTP 404/,
  });
  const status = await requestStatus(host.paths.socket);
  t.is(status.state, 'failed');
  t.is(status.lastFailure?.code, 'tool');
  await host.set('fail', 'nothing');
  t.is((await operate(host, '/v1/upgrade')).result.outcome, 'staged');
  t.is((await requestStatus(host.paths.socket)).lastFailure, null);
});

test.serial('POST /v1/rollback arms the boot counter and changes the default; a second one undoes it', async (t) => {
  const host = await fakeHost(t, 'upgraded');
  await host.setStatus('reverted', 'status-set-default-1');
  await startDaemon(t, host);
  const { result, states } = await operate(host, '/v1/rollback');
  t.like(result, { outcome: 'rolled-back', checksum: version1 });
  t.deepEqual(states, ['rolling-back', 'reverted']);
  t.deepEqual(await readBootCounter(host.paths.bootEnvironment), { supported: true, triesLeft: 3 });
  await host.setStatus('upgraded', 'status-set-default-1');
  t.is((await operate(host, '/v1/rollback')).result.outcome, 'rollback-undone');
  t.is((await requestStatus(host.paths.socket)).state, 'idle');
});

test.serial('an operation is refused while another one runs', async (t) => {
  const host = await fakeHost(t, 'one');
  await host.set('hang', 'admin upgrade --pull-only');
  await startDaemon(t, host);
  const running = operate(host, '/v1/upgrade');
  running.catch(() => {}); // ends with the daemon
  await until(async () => (await requestStatus(host.paths.socket)).state === 'downloading');
  await t.throwsAsync(operate(host, '/v1/rollback'), { code: 'busy', message: 'the host is busy: downloading' });
  t.is((await ask(host, 'POST', '/v1/rollback')).status, 409);
  t.deepEqual((await requestStatus(host.paths.socket)).transaction, ['upgrade', '', '/v1/upgrade']);
});

for (const [verb, state] of [
  ['pull --commit-metadata-only', 'checking'],
  ['admin upgrade --pull-only', 'downloading'],
  ['admin upgrade --deploy-only', 'staging'],
] as const) {
  test.serial(`an agent killed while ${state} says so and takes the next request`, async (t) => {
    const host = await fakeHost(t, 'one');
    await host.set('hang', verb);
    const first = await startDaemon(t, host);
    const cut = operate(host, '/v1/upgrade');
    cut.catch(() => {});
    await until(async () => (await host.changes()).some((call) => call.startsWith(`ostree ${verb}`)));
    t.is((await requestStatus(host.paths.socket)).state, state);
    first.kill('SIGKILL');
    await t.throwsAsync(cut);
    await host.set('hang', 'nothing');
    await startDaemon(t, host);
    await until(async () => (await requestStatus(host.paths.socket).catch(() => undefined))?.state === 'idle');
    const status = await requestStatus(host.paths.socket);
    t.is(status.lastFailure?.message, `the agent was stopped while ${state}`);
    t.is((await operate(host, '/v1/upgrade')).result.outcome, 'staged');
  });
}

test.serial('GET /v1/events streams the events of an operation that another client began', async (t) => {
  const host = await fakeHost(t, 'one');
  await startDaemon(t, host);
  const outgoing = request({ socketPath: host.paths.socket, path: '/v1/events', agent: false }).end();
  const [response] = await once(outgoing, 'response');
  const lines = createInterface({ input: response })[Symbol.asyncIterator]();
  t.deepEqual(JSON.parse((await lines.next()).value!), { type: 'state', state: 'idle' });
  await operate(host, '/v1/upgrade', { check: true });
  t.deepEqual(JSON.parse((await lines.next()).value!), { type: 'state', state: 'checking' });
  outgoing.destroy();
});

const badRequests: [method: string, path: string, body: string | undefined, status: number, message: string][] = [
  ['GET', '/v1/nothing', undefined, 404, 'there is no /v1/nothing'],
  ['DELETE', '/v1/status', undefined, 405, '/v1/status does not take DELETE'],
  ['POST', '/v1/upgrade', '{"chek": true}', 400, 'there is no member "chek"; known are check, force, reboot'],
  ['POST', '/v1/upgrade', '{"check": 1}', 400, '"check" must be true or false'],
  ['POST', '/v1/upgrade', '[]', 400, 'the body must be a JSON object'],
  ['POST', '/v1/rollback', 'x'.repeat(65_537), 400, 'the body is longer than 65536 bytes'],
];
test.serial('wrong requests are answered with a sentence and change nothing', async (t) => {
  const host = await fakeHost(t, 'one');
  await startDaemon(t, host);
  for (const [method, path, body, expectedStatus, message] of badRequests) {
    const { status, text } = await ask(host, method, path, body);
    t.is(status, expectedStatus, path);
    t.is(JSON.parse(text).error.message, message);
  }
  t.deepEqual(await host.changes(), []);
});

test.serial('the daemon ends by itself when nobody asks', async (t) => {
  const host = await fakeHost(t, 'one');
  const [, etc = ''] = host.paths.configFolders;
  await mkdir(etc, { recursive: true });
  await writeFile(`${etc}/10.json`, '{"idleExitSeconds": 4}');
  const daemon = await startDaemon(t, host);
  await requestStatus(host.paths.socket);
  const [exitCode] = await once(daemon, 'exit');
  t.is(exitCode, 0);
  t.is(JSON.parse(await readFile(host.paths.stateFile, 'utf8')).state, 'idle');
});

test.serial('requestStatus() says how to start an agent that does not answer', async (t) => {
  const host = await fakeHost(t, 'one');
  const error = await t.throwsAsync(requestStatus(host.paths.socket), { code: 'agent-unreachable' });
  t.is(error?.message, `the host agent does not answer on ${host.paths.socket} (ENOENT)`);
});

test('passedSocket() takes a socket only when systemd passed it to this very process', (t) => {
  t.is(passedSocket({ LISTEN_PID: '42', LISTEN_FDS: '1' }, 42), 3);
  t.is(passedSocket({ LISTEN_PID: '41', LISTEN_FDS: '1' }, 42), undefined);
  t.is(passedSocket({}, 42), undefined);
});
