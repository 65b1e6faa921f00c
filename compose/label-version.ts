// Label version 1: files in /usr/etc get the labels of /etc, where a host with a transient /etc shows them as they are. They are committed at
// /etc and the folder is then moved, because `ostree commit --selinux-labeling-epoch=1` came with 2023.8 only.

import { readCommitObject } from './repository/commit.ts';
import { type Folder, readFolder, rootOf, writeCommitOf, writeFolder } from './repository/dirtree.ts';
import type { Treefile } from './treefile/treefile.ts';

export type LabelVersion = Treefile['selinuxLabelVersion'];

/** Path in the tree -> path in an archive whose files get labels. Relative; ostree labels a file after where it stands. */
export function labelledAs(version: LabelVersion): (path: string) => string {
  return version === 1 ? (path) => path.replace(/^usr\/etc(?=\/|$)/, 'etc') : (path) => path;
}

/** Puts the files of a commit that was made of such archives back; gives the checksum of the commit. */
export async function putEtcBack(repo: string, checksum: string, version: LabelVersion): Promise<string> {
  if (version === 0) return checksum;
  const commit = await readCommitObject(repo, checksum);
  return writeCommitOf(repo, commit, await withEtcBelowUsr(repo, rootOf(commit), version));
}

/** The root of such a commit, with its /etc as its /usr/etc. */
export async function withEtcBelowUsr(repo: string, root: Folder, version: LabelVersion): Promise<Folder> {
  const { files, folders } = readFolder(repo, root.dirtree);
  const [etc, usr] = ['etc', 'usr'].map((name) => folders.get(name));
  if (version === 0 || etc === undefined || usr === undefined) return root;
  const inUsr = readFolder(repo, usr.dirtree);
  const names = [...inUsr.folders, ['etc', etc] as const].sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const changed = new Map([...folders].filter(([name]) => name !== 'etc'));
  changed.set('usr', { ...usr, dirtree: await writeFolder(repo, { ...inUsr, folders: new Map(names) }) });
  return { ...root, dirtree: await writeFolder(repo, { files, folders: changed }) };
}
