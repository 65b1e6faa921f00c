// Thread of import.ts.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { threadId, workerData } from 'node:worker_threads';
import { serveJobs } from '../../lib/worker-pool.ts';
import { objectWriter } from '../repository/write-objects.ts';
import { packageRef, rememberCommit } from './cache.ts';
import type { ImportJob, ImportSetting } from './import.ts';
import { commitPackage } from './package-commit.ts';

const { repo, folder } = workerData as ImportSetting;
const own = join(folder, `import-${threadId}`);
mkdirSync(own);
const objects = objectWriter(repo, own);

serveJobs(async (job: ImportJob): Promise<string> => {
  const commit = await commitPackage(job, objects);
  await rememberCommit({ repo }, packageRef(job), commit);
  return commit;
});
