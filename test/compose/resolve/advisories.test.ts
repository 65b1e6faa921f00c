import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { resolvePackages, resolveWithReasons } from '../../../compose/resolve/resolve.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { serveRepo } from './support/repo-server.ts';
import { quietTools, requestFor, writeRepo } from './support/small-repo.ts';

/** A repository with the packages `app` and `tool`, and one advisory for `app`. */
async function writeAdvisedRepo(folder: string, id: string, severity: string): Promise<void> {
  await writeRepo(folder, [{ name: 'app' }, { name: 'tool' }]);
  const file = join(folder, 'updateinfo.xml');
  const packages =
    '<pkglist><collection><package name="app" version="1" release="1" arch="noarch"/></collection></pkglist>';
  const update = `<update type="security"><id>${id}</id><severity>${severity}</severity>${packages}</update>`;
  await writeFile(file, `<updates>${update}</updates>`);
  await run(['modifyrepo_c', file, join(folder, 'repodata')]);
}

test.serial('advisories are fetched when asked for, once, and again when the copy is damaged', async (t) => {
  const folder = await temporaryFolder(t);
  await writeAdvisedRepo(join(folder, 'r'), 'A-1', 'Low');
  const server = await serveRepo(t, join(folder, 'r'));
  const fetched = (): number => server.requests.filter(({ path }) => path.includes('updateinfo')).length;
  const plain = await requestFor(folder, `[r]\nbaseurl=${server.url}\ngpgcheck=0\n`, ['r']);
  t.false('advisories' in (await resolvePackages({ ...plain, packages: ['app'] }, quietTools())));
  t.is(fetched(), 0);

  const asking = { ...plain, advisories: true } as const;
  server.misbehave(/updateinfo/, 'corrupt');
  const { advisories } = await resolvePackages({ ...asking, packages: ['app'] }, quietTools());
  t.deepEqual(advisories, [{ id: 'A-1', severity: 'low', packages: ['app-1-1.noarch'], cveReferences: [] }]);
  t.is(fetched(), 2);
  for (const packages of [['app'], ['tool'], ['app', 'tool']])
    t.is(
      (await resolvePackages({ ...asking, packages }, quietTools())).advisories?.length,
      packages.includes('app') ? 1 : 0,
    );
  t.false('advisories' in (await resolveWithReasons({ ...asking, packages: ['app'] }, quietTools())).lock);
  t.is(fetched(), 2);
  const left = (await readdir(join(plain.cacheDir, 'metadata'), { recursive: true })).filter((name) =>
    name.endsWith('.open'),
  );
  t.deepEqual(left, [], 'nothing unpacked stays');
});

test.serial(
  'advisories of all repositories are one list; the repository that is named first speaks for an id',
  async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(join(folder, 'plain'));
    for (const [name, id, severity] of [
      ['a', 'A-1', 'Critical'],
      ['b', 'A-1', 'Low'],
      ['c', 'A-0', 'None'],
    ] as const)
      await writeAdvisedRepo(join(folder, name), id, severity);
    await writeRepo(join(folder, 'plain'), [{ name: 'other' }]);
    const names = ['plain', 'a', 'b', 'c'];
    const sections = names.map((name) => `[${name}]\nbaseurl=file://${join(folder, name)}\ngpgcheck=0\n`);
    const request = await requestFor(folder, sections.join(''), names);
    const { advisories } = await resolvePackages({ ...request, packages: ['app'], advisories: true }, quietTools());
    t.deepEqual(
      advisories?.map(({ id, severity }) => [id, severity]),
      [
        ['A-0', 'none'],
        ['A-1', 'critical'],
      ],
    );
  },
);
