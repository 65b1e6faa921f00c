// Moves users and groups that come with the system to /usr/lib/passwd and /usr/lib/group, so that updates reach them while /etc keeps the
// machine's own. Only where the tree has the NSS module that reads them (nss-altfiles); else /etc keeps all.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { formatAccounts, readAccounts } from '../accounts.ts';

const libraryFolders = ['usr/lib64', 'usr/lib', 'usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu'];

export function hasAltfiles(root: string): boolean {
  return libraryFolders.some(
    (folder) =>
      existsSync(join(root, folder)) &&
      readdirSync(join(root, folder)).some((name) => name.startsWith('libnss_altfiles.so')),
  );
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
  writeFileSync(join(root, 'usr/lib/passwd'), formatAccounts(users.filter((user) => !isRoot(user))));
  writeFileSync(join(root, 'etc/passwd'), formatAccounts(users.filter(isRoot)));
  writeFileSync(join(root, 'usr/lib/group'), formatAccounts(groups.filter((group) => !isRoot(group))));
  writeFileSync(join(root, 'etc/group'), formatAccounts(groups.filter(([name]) => shared.has(name ?? ''))));
  addAltfilesToNsswitch(root);
}

function addAltfilesToNsswitch(root: string): void {
  const path = join(root, 'etc/nsswitch.conf');
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
