import { join } from 'node:path';
import test from 'ava';
import type { PackageLock } from '../../../compose/resolve/lock.ts';
import { checkLocked, lockConstraints } from '../../../compose/treefile/lock-constraints.ts';
import { type Lockfile, readLockfiles } from '../../../compose/treefile/lockfile.ts';
import { rpmOstreeLockfileText } from '../../../compose/treefile/lockfile-write.ts';
import type { Advisory } from '../../../lib/advisories.ts';
import { DiagnosticsError, formatDiagnostic } from '../../../lib/diagnostics.ts';
import { tree } from '../../support/temporary.ts';

const lock: PackageLock = {
  kind: 'package-lock',
  version: 1,
  arch: 'x86_64',
  packages: [
    { ...locked('foo', 0, '1.0', '1.fc40', 'x86_64'), sourcerpm: 'foo-1.0-1.fc40.src.rpm' },
    locked('bar', 2, '2.1', '1', 'noarch'),
  ],
  repos: [
    { id: 'updates', repomdDigest: 'bb', revision: '2', generated: 1_690_000_001 },
    { id: 'fedora', repomdDigest: 'aa', revision: '1', generated: 1_680_000_000 },
    { id: 'undated', repomdDigest: 'cc', revision: '' },
  ],
};

function locked(
  name: string,
  epoch: number,
  version: string,
  release: string,
  arch: string,
): PackageLock['packages'][number] {
  return {
    name,
    epoch,
    version,
    release,
    arch,
    checksum: { type: 'sha256', value: 'ab12' },
    size: 1,
    repo: 'fedora',
    url: 'file:///x',
  };
}

async function read(t: Parameters<typeof tree>[0], files: Record<string, string>): Promise<Lockfile[]> {
  const folder = await tree(t, files);
  return readLockfiles(Object.keys(files).map((name) => join(folder, name)));
}

/** Constraints without their places. */
function plain(lockfiles: readonly Lockfile[], strict = false): unknown {
  return lockConstraints(lockfiles, { strict }).constraints.map(({ span: _, ...constraint }) => constraint);
}

test("rpm-ostree's format is read from JSON and YAML, with evra or evr and a digest", async (t) => {
  const json = await read(t, {
    'lock.json': JSON.stringify({
      packages: {
        foo: { evra: '0:1.0-1.fc40.x86_64', digest: 'sha256:ab', metadata: { sourcerpm: 'foo-1.0-1.fc40.src.rpm' } },
        bar: { evr: '3:2.1-1', metadata: {} },
      },
      metadata: { generated: '2024-10-24T00:00:00Z', rpmmd_repos: { fedora: { generated: '2024-10-24T00:00:00Z' } } },
    }),
  });
  const expected = [
    { name: 'bar', evr: '3:2.1-1' },
    { name: 'foo', evr: '1.0-1.fc40', arch: 'x86_64', checksum: 'sha256:ab' },
  ];
  t.deepEqual(plain(json), expected);
  const yaml = await read(t, {
    'lock.yaml':
      'packages:\n  foo:\n    evra: 1.0-1.fc40.x86_64\n    digest: sha256:ab\n  bar:\n    evr: 3:2.1-1\n    metadata: {type: pin, reason: "https://example.com"}\n',
  });
  t.deepEqual(plain(yaml), expected);
});

test('a later lockfile replaces what an earlier one says about a name', async (t) => {
  const lockfiles = await read(t, {
    'lock.json': '{"packages": {"a": {"evra": "1-1.x86_64"}, "b": {"evra": "1-1.x86_64"}}}',
    'overrides.yaml': 'packages:\n  a: {evr: 2-1}\n',
  });
  t.deepEqual(plain(lockfiles), [
    { name: 'a', evr: '2-1' },
    { name: 'b', evr: '1-1', arch: 'x86_64' },
  ]);
});

test('our own format locks a name on each architecture', async (t) => {
  const own = { ...lock, packages: [locked('a', 0, '1', '1', 'i686'), locked('a', 1, '1', '1', 'x86_64')] };
  const override = { ...lock, packages: [locked('a', 0, '2', '1', 'i686')] };
  const lockfiles = await read(t, { 'a.json': JSON.stringify(own), 'b.json': JSON.stringify(override) });
  t.deepEqual(plain(lockfiles), [
    { name: 'a', evr: '2-1', arch: 'i686', checksum: 'sha256:ab12' },
    { name: 'a', evr: '1:1-1', arch: 'x86_64', checksum: 'sha256:ab12' },
  ]);
});

test('our own format says of each of its packages which advisories it has, or does not say', async (t) => {
  const advisory = (id: string, ...packages: string[]): Advisory => ({
    ...{ id, severity: 'low', packages },
    cveReferences: [{ url: 'https://bugs/1', title: 'CVE-1-1' }],
  });
  const advisories = [
    advisory('A', 'foo-1.0-1.fc40.x86_64', 'bar-2:2.1-1.noarch'),
    advisory('B', 'bar-2:2.1-1.noarch'),
  ];
  const [silent, own] = await read(t, {
    'a.json': JSON.stringify(lock),
    'b.json': JSON.stringify({ ...lock, advisories }),
  });
  const listed = (lockfile: Lockfile): unknown[] => lockfile.entries.map((entry) => entry.advisories);
  t.deepEqual(listed(silent!), [undefined, undefined]);
  t.deepEqual(listed(own!), [[advisories[0]], advisories]);
  const override = lockConstraints([own!, silent!], { strict: true }).constraints;
  t.true(
    override.every((constraint) => !('advisories' in constraint)),
    'the later lockfile speaks',
  );
});

test('what rpm-ostree is given to read is what was locked, the same bytes each time', async (t) => {
  const text = rpmOstreeLockfileText(lock, 1_700_000_000);
  t.deepEqual(JSON.parse(text), {
    packages: {
      bar: { evra: '2:2.1-1.noarch', digest: 'sha256:ab12', metadata: {} },
      foo: { evra: '1.0-1.fc40.x86_64', digest: 'sha256:ab12', metadata: { sourcerpm: 'foo-1.0-1.fc40.src.rpm' } },
    },
    metadata: {
      generated: '2023-11-14T00:00:00Z',
      rpmmd_repos: {
        fedora: { generated: '2023-03-28T10:40:00Z' },
        updates: { generated: '2023-07-22T04:26:41Z' },
      },
    },
  });
  t.is(rpmOstreeLockfileText({ ...lock, packages: lock.packages.toReversed() }, 1_700_000_001), text);
  t.deepEqual(Object.keys(JSON.parse(rpmOstreeLockfileText(lock, null)).metadata), ['rpmmd_repos']);
  const [back] = await read(t, { 'lock.json': text });
  t.deepEqual(plain([back!]), plain(await read(t, { 'own.json': JSON.stringify(lock) })));
});

test("a name locked for two architectures cannot be written in rpm-ostree's format", (t) => {
  const twice = { ...lock, packages: [locked('a', 0, '1', '1', 'i686'), locked('a', 0, '1', '1', 'x86_64')] };
  t.throws(() => rpmOstreeLockfileText(twice, 0), { code: 'lockfile-multilib' });
});

test('an override of a name replaces an entry for all architectures, and is replaced by one', async (t) => {
  const of = (...packages: PackageLock['packages']): string => JSON.stringify({ ...lock, packages });
  const noarch = locked('a', 0, '1', '1', 'noarch');
  const plainArch = locked('a', 0, '2', '1', 'x86_64');
  for (const [first, second] of [
    [noarch, plainArch],
    [plainArch, noarch],
  ] as const) {
    t.deepEqual(plain(await read(t, { 'a.json': of(first), 'b.json': of(second) })), [
      { name: 'a', evr: `${second.version}-1`, arch: second.arch, checksum: 'sha256:ab12' },
    ]);
  }
});

test('null is as good as nothing in a lockfile of rpm-ostree', async (t) => {
  const lockfiles = await read(t, {
    'lock.json': '{"packages": {"a": {"evra": "1-1.x86_64", "evr": null, "digest": null, "metadata": null}}}',
  });
  t.deepEqual(plain(lockfiles), [{ name: 'a', evr: '1-1', arch: 'x86_64' }]);
});

const bad: readonly [text: string, message: string][] = [
  ['{}', '"packages" is missing here'],
  ['{"packages": {"a": {}}}', 'a must have "evra" or "evr", and only one of them'],
  ['{"packages": {"a": {"evr": "1-1", "evra": "1-1.x"}}}', 'a must have "evra" or "evr", and only one of them'],
  ['{"packages": {"a": {"evr": "1"}}}', 'a has "1", which is not [epoch:]version-release'],
  ['{"packages": {"a": {"evra": "1-1"}}}', 'a has "1-1", which is not [epoch:]version-release.arch'],
  ['{"packages": {"a": {"evr": "1-1", "digset": "x"}}}', 'no such field "digset"'],
  ['{"packages": {}, "other": 1}', 'no such field "other"'],
  ['{"packages": {"a": {"evr": "1-1", "digest": "x"}}}', '"x" is no digest'],
  ['[]', 'the lockfile must be a mapping with "packages", not a list'],
  ['{"packages": {"a": {"evr": 1}}}', '"evr" must be an epoch, version and release, not the number 1'],
  [
    '{"packages": {}, "metadata": {"rpmmd_repos": {"r": {"generated": "2024-10-24T00:00:00Z", "x": 1}}}}',
    'no such field "x"',
  ],
  ['{"packages": {}, "metadata": {"rpmmd_repos": {"r": {"generated": "now"}}}}', '"now" is no time of RFC 3339'],
  [JSON.stringify({ ...lock, version: 2 }), 'this package lock has version 2, this Slipway reads version 1'],
  ['{"kind": "package-lock", "version": 9, "other": "shape"}', 'this package lock has version 9'],
  ['{"kind": "treefile", "version": 1}', 'a lockfile is a package-lock document, but this is of kind "treefile"'],
  [
    '{"kind": "package-lock", "version": 1, "packages": {}}',
    '"packages" must be a list of locked packages, not a mapping',
  ],
  [
    JSON.stringify({ ...lock, advisories: [{ id: 'A', severity: 'high', packages: [], cveReferences: [] }] }),
    '"severity" must be none, low, moderate, important or critical, not "high"',
  ],
];
for (const [text, message] of bad) {
  test(`the lockfile ${text.slice(0, 60)} is refused: ${message}`, async (t) => {
    const error = await t.throwsAsync(read(t, { 'lock.json': text }), { instanceOf: DiagnosticsError });
    t.true(error!.message.includes(message), error!.message);
    t.true(error!.diagnostics.every(({ position }) => position !== undefined));
  });
}

test('a locked package that no repository has is an error when it is needed or the lock is strict, else a warning', async (t) => {
  const lockfiles = await read(t, {
    'lock.json': '{"packages": {\n"a": {"evra": "1.0-1.x86_64"},\n"b": {"evr": "1-1"},\n"curl": {"evr": "5-5"}}}',
  });
  const available = [
    { name: 'a', evr: '0:1.0-2', arch: 'x86_64', checksum: 'sha256:aa' },
    { name: 'a', evr: '9-9', arch: 'x86_64', checksum: 'sha256:bb' },
    { name: 'b', evr: '1-1', arch: 'noarch', checksum: 'sha256:cc' },
    { name: 'culr', evr: '5-5', arch: 'noarch', checksum: 'sha256:dd' },
  ];
  const relaxed = checkLocked(lockConstraints(lockfiles, { strict: false }), available, new Set(['a']));
  t.deepEqual(
    relaxed.map(({ severity, message, hint, position }) => [severity, message, hint, position?.line]),
    [
      ['error', 'the locked package a-1.0-1.x86_64 is in no repository', 'there is 1.0-2.x86_64, 9-9.x86_64', 2],
      ['warning', 'the locked package curl-5-5 is in no repository', 'did you mean "culr"?', 4],
    ],
  );
  const strict = checkLocked(lockConstraints(lockfiles, { strict: true }), available, new Set());
  t.deepEqual(
    strict.map(({ severity }) => severity),
    ['error', 'error'],
  );
  t.true(formatDiagnostic(strict[0]!).includes('lock.json:2:6'));
});

test('a locked package whose digest differs is told apart from one that is missing', async (t) => {
  const lockfiles = await read(t, { 'lock.json': '{"packages": {"a": {"evr": "1-1", "digest": "sha256:00"}}}' });
  const available = [{ name: 'a', evr: '1-1', arch: 'x86_64', checksum: 'sha256:aa' }];
  const [found] = checkLocked(lockConstraints(lockfiles, { strict: true }), available, new Set());
  t.like(found, {
    severity: 'error',
    code: 'locked-digest',
    message: 'the repositories have another a-1-1 than the locked one',
    hint: 'theirs is sha256:aa',
  });
});
