import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ResolveRequest } from '../../../compose/resolve/request.ts';
import { resolvePackages } from '../../../compose/resolve/resolve.ts';
import { lockConstraints } from '../../../compose/treefile/lock-constraints.ts';
import { readLockfiles } from '../../../compose/treefile/lockfile.ts';
import { DiagnosticsError } from '../../../lib/diagnostics.ts';
import { tree } from '../../support/temporary.ts';
import { makeReposIn, quietTools, resolveTo } from './support/small-repo.ts';

// Serial, as in resolve.test.ts: each test starts a solver process.
const sharedFolder = mkdtempSync(join(tmpdir(), 'slipway-locks-'));
let shared: ResolveRequest;
test.before(async () => {
  const packages = [
    { name: 'app', requires: ['lib >= 2'] },
    ...['1', '2', '3'].map((version) => ({ name: 'lib', version })),
    { name: 'tool', arch: 'x86_64' },
    { name: 'extra' },
  ];
  shared = await makeReposIn(sharedFolder, [{ id: 'base', packages }]);
});
test.after.always(() => rmSync(sharedFolder, { recursive: true }));

test.serial(
  'resolvePackages() holds a lock to the digest and warns about locked packages that nobody has',
  async (t) => {
    const { packages } = await resolvePackages({ ...shared, packages: ['tool'] }, quietTools());
    const { type, value } = packages[0]!.checksum;
    const lockTo = (checksum: string) => ({
      strict: false,
      constraints: [
        { name: 'tool', checksum },
        { name: 'gone', evr: '1-1' },
      ],
    });
    const tools = quietTools();
    await resolvePackages({ ...shared, packages: ['tool'], lock: lockTo(`${type}:${value}`) }, tools);
    t.true(
      tools.seen.some(
        (event) => event.type === 'warning' && event.message === 'the locked package gone-1-1 is in no repository',
      ),
    );
    const error = await t.throwsAsync(
      resolveTo(shared, { packages: ['tool'], lock: lockTo(`${type}:${'0'.repeat(64)}`) }),
      { instanceOf: DiagnosticsError },
    );
    t.is(
      error!.message,
      [
        'error[package-not-found]: a requested package is not available: tool: tool-1-1.x86_64 is locked with another digest by the lock file',
        'error[locked-digest]: the repositories have another tool than the locked one',
        `  hint: theirs is ${type}:${value}`,
        'warning[locked-package-missing]: the locked package gone-1-1 is in no repository',
      ].join('\n'),
    );
  },
);

test.serial('resolvePackages() warns about a locked package that nobody has each time', async (t) => {
  const lock = { strict: false, constraints: [{ name: 'libb', evr: '1-1' }] };
  for (let run = 0; run < 2; run++) {
    const tools = quietTools();
    await resolvePackages({ ...shared, packages: ['tool'], lock }, tools);
    t.deepEqual(
      tools.seen.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
      ['the locked package libb-1-1 is in no repository\n  hint: did you mean "lib"?'],
    );
  }
});

const needed: readonly (readonly [string, readonly string[], string, readonly string[]])[] = [
  [
    'a requested package',
    ['tool'],
    'tool: {evra: 1-2.x86_64}',
    [
      'error[locked-package-missing]: the locked package tool-1-2.x86_64 is in no repository',
      '  --> lock.yaml:2:9',
      '2 |   tool: {evra: 1-2.x86_64}',
      '  |         ^^^^^^^^^^^^^^^^^^ there is 1-1.x86_64',
      'error[package-not-found]: a requested package is not available: tool: tool-1-1.x86_64 is locked to another version by the lock file',
    ],
  ],
  [
    'a dependency',
    ['app'],
    'lib: {evr: 2-9}',
    [
      'error[locked-package-missing]: the locked package lib-2-9 is in no repository',
      '  --> lock.yaml:2:8',
      '2 |   lib: {evr: 2-9}',
      '  |        ^^^^^^^^^^ there is 2-1.noarch, 1-1.noarch, 3-1.noarch',
      'error[unsolvable]: the packages do not fit together:',
      '  nothing provides lib >= 2 needed by app-1-1.noarch',
      '    conflicting requests',
      '    lib-2-1.noarch would provide lib >= 2, but it is locked to another version by the lock file',
      '    lib-3-1.noarch would provide lib >= 2, but it is locked to another version by the lock file',
    ],
  ],
  [
    'a requested package of a name that nobody has',
    ['tol'],
    'tol: {evr: 1-1}',
    [
      'error[locked-package-missing]: the locked package tol-1-1 is in no repository',
      '  --> lock.yaml:2:8',
      '2 |   tol: {evr: 1-1}',
      '  |        ^^^^^^^^^^ did you mean "tool"?',
      'error[package-not-found]: a requested package is not available: tol: no such package; did you mean tool?',
    ],
  ],
  [
    'the right version with another digest',
    ['extra'],
    'extra: {evra: 1-1.noarch, digest: "sha256:00"}',
    [
      'error[locked-digest]: the repositories have another extra-1-1.noarch than the locked one',
      '  --> lock.yaml:2:10',
      '2 |   extra: {evra: 1-1.noarch, digest: "sha256:00"}',
      '  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ theirs is sha256:DIGEST',
      'error[package-not-found]: a requested package is not available: extra: extra-1-1.noarch is locked with another digest by the lock file',
    ],
  ],
];
for (const [what, packages, entry, printed] of needed) {
  test.serial(`resolvePackages() points at the lock file's line when nobody has ${what} as locked`, async (t) => {
    const folder = await tree(t, { 'lock.yaml': `packages:\n  ${entry}\n` });
    const lockfiles = await readLockfiles([join(folder, 'lock.yaml')]);
    const lock = lockConstraints(lockfiles, { strict: false });
    const error = await t.throwsAsync(resolveTo(shared, { packages, lock }), { instanceOf: DiagnosticsError });
    const message = error!.message.replaceAll(`${folder}/`, '').replace(/[0-9a-f]{64}/, 'DIGEST');
    t.is(message, printed.join('\n'));
  });
}
