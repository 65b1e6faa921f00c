import { join } from 'node:path';
import test from 'ava';
import { loadRepos } from '../../../compose/resolve/repos.ts';
import { DiagnosticsError } from '../../../lib/diagnostics.ts';
import { UserError } from '../../../lib/errors.ts';
import { tree } from '../../support/temporary.ts';
import { quietTools } from './support/small-repo.ts';

const base = { arch: 'x86_64', releasever: '41', repovars: {}, lockfileRepos: [], lock: null };
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

test('loadRepos() names every unknown repository with the nearest and all known ids', async (t) => {
  const folder = await tree(t, { 'a.repo': section('fedora') + section('updates') });
  const error = await t.throwsAsync(
    loadRepos({ ...base, repoFiles: [join(folder, 'a.repo')], repos: ['fedroa', 'epel'] }),
    { instanceOf: UserError },
  );
  t.is(error.message, 'the repositories fedroa, epel are not defined in any .repo file');
  t.is(error.hint, 'did you mean "fedora"? Known are: fedora, updates');
});

test('loadRepos() says where a .repo file belongs when there is none', async (t) => {
  const error = await t.throwsAsync(loadRepos({ ...base, repoFiles: [], repos: ['fedora'] }), {
    instanceOf: UserError,
  });
  t.is(error.hint, 'put a .repo file beside the treefile');
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
  await loadRepos({ ...base, repoFiles: [join(folder, 'a.repo')], repos: ['one'] }, events);
  t.like(seen, [{ type: 'warning', message: `${folder}/a.repo:4: no such repository setting "prioriti"` }]);
});

test('loadRepos() names a file that cannot be read', async (t) => {
  const error = await t.throwsAsync(loadRepos({ ...base, repoFiles: ['/nowhere/x.repo'], repos: ['a'] }));
  t.regex(error.message, /^\/nowhere\/x\.repo cannot be read: ENOENT/);
});
