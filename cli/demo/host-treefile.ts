// The two files that a user of Slipway writes first: a treefile that includes a ready-made host, and where the packages are.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFileAtomically } from '../../lib/files.ts';
import { installedFolder } from '../checkout.ts';

const containerHost = join(installedFolder, 'treefiles/container-host.yaml');

export interface RepositoryFolders {
  /** Absolute path of the sample distribution. */
  readonly sample: string;
  /** Absolute path of the repository with the host agent. */
  readonly agent: string;
}

/** Writes `host.yaml` and `demo.repo` into the folder. Returns the path of the treefile. */
export async function writeHostTreefile(folder: string, repositories: RepositoryFolders): Promise<string> {
  const treefile = join(folder, 'host.yaml');
  await writeFileAtomically(treefile, hostTreefile(containerHost));
  await writeFileAtomically(join(folder, 'demo.repo'), repoFile(repositories));
  return treefile;
}

export function hostTreefile(include: string): string {
  return `# Written by \`slipway demo\`. Change it and compose again: only what changed is made again.
include: ${JSON.stringify(include)}
ref: demo/\${basearch}/container-host
repos: [sample, slipway]
`;
}

export function repoFile(repositories: RepositoryFolders): string {
  return `[sample]
name=Slipway sample distribution
baseurl=${pathToFileURL(repositories.sample).href}
gpgcheck=0

[slipway]
name=Slipway host agent
baseurl=${pathToFileURL(repositories.agent).href}
gpgcheck=0
`;
}
