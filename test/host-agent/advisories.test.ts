import { truncate } from 'node:fs/promises';
import test from 'ava';
import { addDetachedMetadata } from '../../compose/repository/detached.ts';
import { addCommitMetadata } from '../../compose/write-metadata.ts';
import { readFixedAdvisories } from '../../host-agent/ostree/advisories.ts';
import { type Advisory, advisoriesKey, advisoriesVariant } from '../../lib/advisories.ts';
import { objectPath } from '../../lib/ostree-objects.ts';
import { tinyRepo } from '../compose/tiny-repo.ts';

const advisory = (id: string, severity: Advisory['severity'], version: string): Advisory => ({
  ...{ id, severity, packages: [`app-${version}-1.noarch`] },
  cveReferences: [{ url: `https://bugs/${id}`, title: `CVE-1-${id}` }],
});
const [old, late, fix, worse] = [
  advisory('1', 'low', '1'),
  advisory('2', 'low', '1'),
  advisory('3', 'low', '2'),
  advisory('4', 'critical', '2'),
];
const metadata = (...advisories: Advisory[]) => new Map([[advisoriesKey, advisoriesVariant(advisories)]]);

test('readFixedAdvisories() tells what an update fixes, from commits and from beside them', async (t) => {
  const { repo, commit } = await tinyRepo(t);
  const booted = await addCommitMetadata(repo, await commit({ files: {}, packages: ['app 1'] }), metadata(old));
  const plain = await commit({ files: {}, packages: ['app 2'] });
  t.deepEqual(await readFixedAdvisories(repo, booted, plain), []);
  const newest = await addCommitMetadata(repo, plain, metadata(old, late, fix, worse));
  t.deepEqual(await readFixedAdvisories(repo, booted, newest), [worse, fix]);
  await addDetachedMetadata(repo, plain, metadata(fix));
  t.deepEqual(await readFixedAdvisories(repo, booted, plain), [fix]);
});

test('readFixedAdvisories() tells nothing of commits that are not there or damaged, and never fails', async (t) => {
  const { repo, commit } = await tinyRepo(t);
  const newest = await commit({ files: {}, packages: ['app 2'] });
  await addDetachedMetadata(repo, newest, metadata(fix));
  t.deepEqual(await readFixedAdvisories(repo, 'a'.repeat(64), newest), [fix]);
  t.deepEqual(await readFixedAdvisories(repo, 'a'.repeat(64), 'b'.repeat(64)), []);
  await truncate(objectPath(repo, newest, 'commitmeta'), 26);
  t.deepEqual(await readFixedAdvisories(repo, 'a'.repeat(64), newest), []);
});
