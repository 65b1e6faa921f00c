import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ResolveRequest } from '../../../compose/resolve/request.ts';
import { UserError } from '../../../lib/errors.ts';
import { basePackages } from './support/base-packages.ts';
import { makeReposIn, resolveTo } from './support/small-repo.ts';

// Serial and shared as in resolve.test.ts.
const sharedFolder = mkdtempSync(join(tmpdir(), 'slipway-refusals-'));
let shared: ResolveRequest;
test.before(async () => {
  shared = await makeReposIn(sharedFolder, [{ id: 'base', packages: basePackages }]);
});
test.after.always(() => rmSync(sharedFolder, { recursive: true }));

const refused: readonly (readonly [string, readonly string[], Partial<ResolveRequest>, string])[] = [
  [
    'all names that do not exist, with the nearest',
    ['tol', 'libb', 'zzzzzzzz', 'app'],
    {},
    '3 requested packages are not available:\n  tol: no such package; did you mean tool?\n  libb: no such package; did you mean lib?\n  zzzzzzzz: no such package',
  ],
  [
    'a package of another architecture',
    ['foreign'],
    {},
    'a requested package is not available: foreign: no such package; there is foreign-1-1.aarch64',
  ],
  [
    'versions and architectures that no repository has, with those that there are',
    ['lib-9', 'tool.s390x', 'epochal >= 4:1', 'rolling = 3', 'l?b-9', 'lib-extra'],
    {},
    [
      '6 requested packages are not available:',
      '  lib-9: no such package; there is lib-3-1.noarch, lib-2-1.noarch, lib-1-1.noarch',
      '  tool.s390x: no such package; there is tool-1-1.x86_64',
      '  epochal >= 4:1: no such package; there is epochal-3:0.1-1.noarch',
      '  rolling = 3: no such package; there is rolling-10-1.noarch, rolling-9-1.noarch, rolling-2-1.noarch (and 1 more)',
      '  l?b-9: no such package',
      '  lib-extra: no such package',
    ].join('\n'),
  ],
  [
    'a requested package that is excluded',
    ['tool'],
    { excludePackages: ['tool'] },
    'a requested package is not available: tool: tool-1-1.x86_64 is excluded by exclude-packages',
  ],
  [
    'a hard dependency that is excluded',
    ['app'],
    { excludePackages: ['tool'] },
    'the packages do not fit together:\n  nothing provides /usr/bin/tool needed by app-1-1.noarch\n    conflicting requests\n    tool-1-1.x86_64 would provide /usr/bin/tool, but it is excluded by exclude-packages',
  ],
  [
    'rich dependencies that are broken or nested too deep, with all else that it cannot have',
    ['(a or', `${'('.repeat(5001)}a${')'.repeat(5001)}`, 'tol'],
    {},
    [
      '3 requested packages are not available:',
      '  (a or is no rich dependency such as (a or b)',
      `  ${'('.repeat(60)}… is nested too deep`,
      '  tol: no such package; did you mean tool?',
    ].join('\n'),
  ],
  [
    'a locked version that something newer is needed of',
    ['app'],
    { lock: { strict: false, constraints: [{ name: 'lib', evr: '1-1' }] } },
    'the packages do not fit together:\n  nothing provides lib >= 2 needed by app-1-1.noarch\n    conflicting requests\n    lib-2-1.noarch would provide lib >= 2, but it is locked to another version by the lock file\n    lib-3-1.noarch would provide lib >= 2, but it is locked to another version by the lock file',
  ],
  [
    'a package outside a strict lock',
    ['tool'],
    { lock: { strict: true, constraints: [{ name: 'lib', evr: '1-1' }] } },
    'a requested package is not available: tool: tool-1-1.x86_64 is not in the lock file',
  ],
];

for (const [what, packages, changes, message] of refused) {
  test.serial(`resolvePackages() refuses ${what}`, async (t) => {
    const error = await t.throwsAsync(resolveTo(shared, { packages, ...changes }), { instanceOf: UserError });
    t.is(error.message, message);
  });
}
