// Process of import.ts.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { serveJobs } from '../../lib/worker-pool.ts';
import { type ObjectWriter, objectWriter } from '../repository/write-objects.ts';
import { packageRef, rememberCommit } from './cache.ts';
import type { ImportJob, ImportSetting } from './import.ts';
import { commitPackage } from './package-commit.ts';

let objects: ObjectWriter | undefined;

serveJobs(async (job: ImportJob, { repo, folder }: ImportSetting): Promise<string> => {
  objects ??= objectWriter(repo, ownFolder(folder));
  const commit = await commitPackage(job, objects);
  await rememberCommit({ repo }, packageRef(job), commit);
  return commit;
});

function ownFolder(folder: string): string {
  const own = join(folder, `import-${process.pid}`);
  mkdirSync(own);
  return own;
}
