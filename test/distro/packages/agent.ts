// The packages of the host agent and its runtime, as the product itself makes them.

import { readFile, utimes } from 'node:fs/promises';
import { basename } from 'node:path';
import { buildAgentRpms } from '../../../host-agent/package/build.ts';
import { sha256 } from '../../../lib/documents.ts';
import type { Tools } from '../archive/apt.ts';
import { packageTime } from '../convert/convert.ts';
import type { RpmOnDisk } from '../convert/convert-all.ts';

/** Writes the packages into the folder, with the time that all packages of the repository have. */
export async function agentPackages(folder: string, tools: Tools): Promise<RpmOnDisk[]> {
  const files = await buildAgentRpms({ outputDir: folder, sourceDateEpoch: packageTime }, tools);
  return Promise.all(
    files.map(async (file) => {
      await utimes(file, packageTime, packageTime);
      return { fileName: basename(file), file, id: sha256(await readFile(file)) };
    }),
  );
}
