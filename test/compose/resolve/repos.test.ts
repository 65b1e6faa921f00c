import { join } from 'node:path';
import test from 'ava';
import { loadRepos } from '../../../compose/resolve/repos.ts';
import { loadTreefile } from '../../../compose/treefile/load.ts';
import { DiagnosticsError, formatDiagnostic } from '../../../lib/diagnostics.ts';
import { tree } from '../../support/temporary.ts';
import { quietTools } from './support/small-repo.ts';

const base = { arch: 'x86_64', releasever: '41', repovars: {}, lockfileRepos: [], repoPackages: [], lock: null };
const section = (id: string, ...lines: string[]): string =>
  [`[${id}]`, `baseurl=http://host/${id}`, 'gpgcheck=0', ...lines, ''].join('\n');

test('loadRepos() takes the named repositories in the order named, whatever enabled= says', async (t) => {
  const folder = await tree(t, { 'a.repo': section('one', 'enabled=0') + section('two'), 'b.repo': section('three') });
  const repoFiles = [join(folder, 'a.repo'), join(folder, 'b.repo')];
  const repos = await loadRepos({ ...base, repoFiles, repos: ['three', 'one'] });
  t.deepEqual(
    repos.map((repo) => repo.id),
    ['three', 'one'],
  );
});

test('loadRepos() adds lockfile-repos only when there is a lock', async (t) => {
  const folder = await tree(t, { 'a.repo': section('one') + section('pool') });
  const request = { ...base, repoFiles: [join(folder, 'a.repo')], repos: ['one'], lockfileRepos: ['pool'] };
  t.is((await loadRepos(request)).length, 1);
  t.is((await loadRepos({ ...request, lock: { strict: false, constraints: [] } })).length, 2);
});

test('loadRepos() names every unknown repository with its line, the nearest and all known ids', async (t) => {
  const folder = await tree(t, {
    'a.repo': section('fedora', 'cost=x') + section('updates'),
    'top.yaml':
      'ref: a/b\nrepos: [fedora, fedroa]\nrepo-packages:\n  - repo: updates\n    packages: [a]\n  - {repo: fed0ra, packages: [b]}\n' +
      'lockfile-repos: [epel]\n',
  });
  const { treefile, places } = await loadTreefile(join(folder, 'top.yaml'), { arch: 'x86_64' });
  const request = { ...base, ...treefile, lock: { strict: false, constraints: [] } };
  const error = await t.throwsAsync(loadRepos(request, { places }), { instanceOf: DiagnosticsError });
  t.deepEqual(
    error.diagnostics.map((each) => formatDiagnostic(each).replaceAll(`${folder}/`, '')),
    [
      'error[wrong-value]: cost is "x", which is not a whole number\n  --> a.repo:4:1\n4 | cost=x\n  | ^^^^',
      [
        'error[repo-unknown]: no .repo file beside the treefiles defines the repository fedroa',
        '  --> top.yaml:2:17',
        '2 | repos: [fedora, fedroa]',
        '  |                 ^^^^^^ did you mean "fedora"? Known are fedora, updates',
      ].join('\n'),
      [
        'error[repo-unknown]: repo-packages names the repository updates, which is not in repos',
        '  --> top.yaml:4:5',
        '4 |   - repo: updates',
        '  |     ^^^^^^^^^^^^^ add it to repos',
      ].join('\n'),
      [
        'error[repo-unknown]: repo-packages names the repository fed0ra, which is not in repos',
        '  --> top.yaml:6:5',
        '6 |   - {repo: fed0ra, packages: [b]}',
        '  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean "fedora"? Known are fedora',
      ].join('\n'),
      [
        'error[repo-unknown]: no .repo file beside the treefiles defines the repository epel',
        '  --> top.yaml:7:18',
        '7 | lockfile-repos: [epel]',
        '  |                  ^^^^ known are fedora, updates',
      ].join('\n'),
    ],
  );
});

test('loadRepos() does not call a repository unknown whose section cannot be read', async (t) => {
  const folder = await tree(t, { 'a.repo': '[fedora\nbaseurl=http://host/fedora\n' });
  const error = await t.throwsAsync(loadRepos({ ...base, repoFiles: [join(folder, 'a.repo')], repos: ['fedora'] }), {
    instanceOf: DiagnosticsError,
  });
  t.deepEqual(
    error.diagnostics.map(({ message }) => message),
    ['a section is written [id]'],
  );
});

test('loadRepos() says where a .repo file belongs when there is none', async (t) => {
  const error = await t.throwsAsync(loadRepos({ ...base, repoFiles: [], repos: ['fedora'] }), {
    instanceOf: DiagnosticsError,
  });
  t.is(
    error.message,
    'error[repo-unknown]: no .repo file beside the treefiles defines the repository fedora\n  hint: put a .repo file there',
  );
});

test('loadRepos() has no ids to offer when the .repo files define none', async (t) => {
  const folder = await tree(t, { 'a.repo': '# nothing\n' });
  await t.throwsAsync(loadRepos({ ...base, repoFiles: [join(folder, 'a.repo')], repos: ['fedora'] }), {
    message: /defines the repository fedora\n {2}hint: none is known$/,
  });
});

test('loadRepos() refuses a request without repositories', async (t) => {
  await t.throwsAsync(loadRepos({ ...base, repoFiles: [], repos: [] }), {
    message: 'the treefile names no repository',
  });
});

test('loadRepos() reports the problems of all used sections at once and none of unused ones', async (t) => {
  const folder = await tree(t, {
    'a.repo': section('one', 'priority=x') + section('two', 'cost=y') + section('three', 'cost=z'),
  });
  const error = await t.throwsAsync(
    loadRepos({ ...base, repoFiles: [join(folder, 'a.repo')], repos: ['one', 'two'] }),
    { instanceOf: DiagnosticsError },
  );
  t.deepEqual(
    error.diagnostics.map((diagnostic) => diagnostic.message),
    ['priority is "x", which is not a whole number', 'cost is "y", which is not a whole number'],
  );
});

test('loadRepos() warns about unknown settings through events', async (t) => {
  const folder = await tree(t, { 'a.repo': section('one', 'prioriti=1') });
  const { events, seen } = quietTools();
  await loadRepos({ ...base, repoFiles: [join(folder, 'a.repo')], repos: ['one'] }, { events });
  const message = `no such repository setting "prioriti"\n  --> ${folder}/a.repo:4:1\n4 | prioriti=1\n  | ^^^^^^^^ did you mean "priority"?`;
  t.deepEqual(seen, [{ type: 'warning', message }]);
});

test('loadRepos() names a file that cannot be read', async (t) => {
  const error = await t.throwsAsync(loadRepos({ ...base, repoFiles: ['/nowhere/x.repo'], repos: ['a'] }));
  t.regex(error.message, /^\/nowhere\/x\.repo cannot be read: no such file$/);
});
