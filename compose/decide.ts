// What a compose can choose only when its packages are here.

import type { ComposeOptions } from './compose.ts';
import { readBuildTime } from './packages/package.ts';
import type { ComposePlan } from './plan.ts';
import type { PreparedCompose } from './prepare.ts';
import { nextVersion } from './version.ts';

/**
 * What is left to choose once the packages are here: time, version and parent. The time never goes back from one commit to the next,
 * because hosts refuse an update that looks older than what they run.
 * @param paths of all packages
 */
export async function decide(
  { treefile, previous }: PreparedCompose,
  options: ComposeOptions,
  paths: readonly string[],
): Promise<Pick<ComposePlan, 'sourceDateEpoch' | 'commitVersion' | 'parent'>> {
  const newest = async (): Promise<number> =>
    Math.max(previous?.timestamp ?? 0, ...(await Promise.all(paths.map(readBuildTime))));
  const sourceDateEpoch = options.sourceDateEpoch ?? (await newest());
  const asked = options.commitMetadata?.version ?? treefile.addCommitMetadata.version;
  const { automaticVersionPrefix: prefix, automaticVersionSuffix: suffix } = treefile;
  const counted = prefix === null ? null : nextVersion(prefix, suffix, previous?.version ?? null, sourceDateEpoch);
  return {
    sourceDateEpoch,
    commitVersion: typeof asked === 'string' ? asked : counted,
    parent: options.parent === undefined ? (previous?.checksum ?? null) : options.parent,
  };
}
