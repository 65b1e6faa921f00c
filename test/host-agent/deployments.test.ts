import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { seenEvent } from '../../host-agent/agent/operation.ts';
import { parseOrigin } from '../../host-agent/ostree/check.ts';
import { parseCommit } from '../../host-agent/ostree/commit.ts';
import { type Deployment, parseDeployments } from '../../host-agent/ostree/deployments.ts';
import { rollbackTarget } from '../../host-agent/ostree/set-default.ts';
import { fixtures, type StatusFixture, version1, version2 } from '../support/host-agent.ts';

const load = async (name: StatusFixture): Promise<Deployment[]> =>
  parseDeployments(await readFile(join(fixtures, 'status', `${name}.txt`), 'utf8'));

const plain = { osname: 'debian', serial: 0, origin: 'debian:debian/x86_64/host', pinned: false, unlocked: 'none' };
const one = { ...plain, checksum: version1, version: '1', staged: false };
const two = { ...plain, checksum: version2, version: '2', staged: false };

// The texts were printed by ostree 2025.2 in a Debian 13 guest.
const expected = {
  one: [{ ...one, index: 0, booted: true }],
  staged: [
    { ...two, index: 0, booted: false, staged: true },
    { ...one, index: 1, booted: true },
  ],
  upgraded: [
    { ...two, index: 0, booted: true },
    { ...one, index: 1, booted: false },
  ],
  reverted: [
    { ...one, index: 0, booted: false },
    { ...two, index: 1, booted: true },
  ],
  'hotfix-pinned': [
    { ...two, index: 0, booted: true, pinned: true, unlocked: 'hotfix' },
    { ...two, index: 1, booted: false, pinned: true, serial: 1 },
  ],
} as const;

for (const [name, deployments] of Object.entries(expected)) {
  test(`parseDeployments() reads the status of a host that is ${name}`, async (t) => {
    t.deepEqual<unknown, unknown>(await load(name as StatusFixture), deployments);
  });
}

test('parseDeployments() passes over lines that it does not know', (t) => {
  const text = `* fedora ${version1}.12 (finalization locked) (staged)\n    Version: 40.1\n    GPG: Signature made Mon\n    origin: <unknown origin type>\n\n`;
  t.deepEqual(
    parseDeployments(text).map(({ osname, serial, version, origin, staged }) => ({
      osname,
      serial,
      version,
      origin,
      staged,
    })),
    [{ osname: 'fedora', serial: 12, version: '40.1', origin: null, staged: true }],
  );
});

const seenTable: [StatusFixture, string][] = [
  ['one', 'seen-idle'],
  ['staged', 'seen-staged'],
  ['upgraded', 'seen-idle'],
  ['reverted', 'seen-reverted'],
];
for (const [name, event] of seenTable) {
  test(`seenEvent() of a host that is ${name} is ${event}`, async (t) => {
    t.is(seenEvent(await load(name)), event as ReturnType<typeof seenEvent>);
  });
}

const rollbackTable: [StatusFixture, number, string][] = [
  ['staged', 1, 'staged-dropped'],
  ['upgraded', 1, 'rolled-back'],
  ['reverted', 1, 'rollback-undone'],
];
for (const [name, index, outcome] of rollbackTable) {
  test(`rollbackTarget() of a host that is ${name} is deployment ${index}: ${outcome}`, async (t) => {
    const target = rollbackTarget(await load(name));
    t.is(target.deployment.index, index);
    t.is<string, string>(target.outcome, outcome);
  });
}

test('rollbackTarget() says when there is nothing to go back to', async (t) => {
  const deployments = await load('one');
  t.throws(() => rollbackTarget(deployments), { message: 'there is no other deployment to go back to' });
});

test('rollbackTarget() does not go to another operating system', async (t) => {
  const [booted, other] = (await load('upgraded')) as [Deployment, Deployment];
  t.throws(() => rollbackTarget([booted, { ...other, osname: 'other' }]), { code: 'nothing-to-roll-back' });
});

test('parseCommit() reads version and time', async (t) => {
  const text = await readFile(join(fixtures, 'show.txt'), 'utf8');
  t.deepEqual(parseCommit(version1, text), { checksum: version1, version: '1', timestamp: 1_767_225_600 });
});

test('parseCommit() takes nothing from the body of the commit', (t) => {
  const text = 'commit abc\nDate:  2026-01-01 02:00:00 +0130\n\n    subject\n\nVersion: 9\n';
  t.deepEqual(parseCommit('abc', text), { checksum: 'abc', version: null, timestamp: 1_767_227_400 });
});

test('parseOrigin() takes remote and ref apart and refuses what follows no remote', (t) => {
  t.deepEqual(parseOrigin('debian:debian/x86_64/host'), { remote: 'debian', ref: 'debian/x86_64/host' });
  t.throws(() => parseOrigin(version1), { message: `the booted deployment follows ${version1}, not a remote` });
  t.throws(() => parseOrigin(null), { message: 'the booted deployment has no origin' });
});
