// The two files that a user of Slipway writes first: a treefile that includes a ready-made host, and where the packages are.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFileAtomically } from '../../lib/files.ts';
import { installedFolder } from '../checkout.ts';

const containerHost = join(installedFolder, 'treefiles/container-host.yaml');

/** Writes `host.yaml` and `sample.repo` into the folder. Returns the path of the treefile. */
export async function writeHostTreefile(folder: string, repository: string): Promise<string> {
  const treefile = join(folder, 'host.yaml');
  await writeFileAtomically(treefile, hostTreefile(containerHost));
  await writeFileAtomically(join(folder, 'sample.repo'), repoFile(repository));
  return treefile;
}

export function hostTreefile(include: string): string {
  return `# Written by \`slipway demo\`. Change it and compose again: only what changed is made again.
include: ${JSON.stringify(include)}
ref: demo/\${basearch}/container-host
repos: [sample]
`;
}

export function repoFile(repository: string): string {
  return `[sample]
name=Slipway sample distribution
baseurl=${pathToFileURL(repository).href}
gpgcheck=0
`;
}
