// Extended attributes of files of a tree on disk, without the label that the kernel of a build machine with SELinux gives every file as it is
// made. That label cannot be taken off and is no part of the tree: labels come from the tree's own policy at the end (labels.ts).

import { listExtendedAttributes } from '../lib/extended-attributes.ts';

const label = 'security.selinux';

/** Whether the path has a label of this machine, as everything then has that is made on its file system. */
export function hasMachineLabel(path: string): boolean {
  return listExtendedAttributes(path).includes(label);
}

/** Names of all attributes of a path that belong to the tree, or to an overlay. */
export function listTreeAttributes(path: string): string[] {
  return listExtendedAttributes(path).filter((name) => name !== label);
}
