// Moves users and groups that come with the system to /usr/lib/passwd and /usr/lib/group, so that updates reach them while /etc keeps the
// machine's own. Only where the tree has the NSS module that reads them (nss-altfiles); else /etc keeps all.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { UserError } from '../../../lib/errors.ts';
import { inTree } from '../../../lib/in-tree.ts';
import { accountPath, formatAccounts, readAccounts } from '../accounts.ts';

const libraryFolders = ['usr/lib64', 'usr/lib', 'usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu'];

export function hasAltfiles(root: string): boolean {
  return libraryFolders
    .map((folder) => inTree(root, folder))
    .some((folder) => existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('libnss_altfiles.so')));
}

/**
 * @param sharedGroups groups that stay in /etc as well, so that the machine can add members (etc-group-members)
 * @throws UserError `nsswitch-missing`
 */
export function splitAccounts(root: string, sharedGroups: readonly string[]): void {
  const users = readAccounts(root, 'passwd');
  const groups = readAccounts(root, 'group');
  const isRoot = ([name]: readonly string[]): boolean => name === 'root';
  const shared = new Set(['root', ...sharedGroups]);
  writeFileSync(inTree(root, 'usr/lib/passwd'), formatAccounts(users.filter((user) => !isRoot(user))));
  writeFileSync(accountPath(root, 'passwd'), formatAccounts(users.filter(isRoot)));
  writeFileSync(inTree(root, 'usr/lib/group'), formatAccounts(groups.filter((group) => !isRoot(group))));
  writeFileSync(accountPath(root, 'group'), formatAccounts(groups.filter(([name]) => shared.has(name ?? ''))));
  addAltfilesToNsswitch(root);
}

function addAltfilesToNsswitch(root: string): void {
  const path = inTree(root, 'etc/nsswitch.conf');
  if (!existsSync(path)) {
    throw new UserError('nsswitch-missing', 'nss-altfiles is in the tree, but no package brings /etc/nsswitch.conf');
  }
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, nsswitchWithAltfiles(text));
}

export function nsswitchWithAltfiles(text: string): string {
  return text.replaceAll(/^(passwd|group):.*$/gm, (line) =>
    /\baltfiles\b/.test(line) ? line : line.replace(/\bfiles\b/, 'files altfiles'),
  );
}
