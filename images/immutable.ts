// The immutable bit in an ext4 that is not mounted, as chattr(1) sets it in one that is.

import type { WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';

const immutableFlag = 0x10; // EXT4_IMMUTABLE_FL

/**
 * Sets the bit of a folder: OSTree does so for each deployment that it makes on a host, and it is all that makes `/` read-only there.
 * @param device as debugfs(8) takes it, e.g. `image.raw?offset=1048576`
 * @param path relative to the root of the file system, without quotes
 */
export async function makeImmutable(
  device: string,
  path: string,
  { events, signal }: Pick<WorkerTools, 'events' | 'signal'>,
): Promise<void> {
  const debugfs = async (...options: string[]): Promise<string> =>
    (await run(['debugfs', ...options, device], { events, signal })).stdout;
  const flags = async (): Promise<number> =>
    Number(/Flags: (0x[0-9a-f]+)/.exec(await debugfs('-R', `stat "${path}"`))?.[1]);
  const wanted = (await flags()) | immutableFlag;
  await debugfs('-w', '-R', `set_inode_field "${path}" flags ${wanted}`);
  // debugfs ends with 0 whatever happens.
  if ((await flags()) !== wanted) throw new Error(`debugfs did not make ${path} immutable`);
}
