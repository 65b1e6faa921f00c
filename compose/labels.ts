// Whether the files of a tree get SELinux labels: when the tree has a policy and the treefile does not say no. ostree writes them while it
// commits, after the tree's own policy; that of the build machine does not matter. A user namespace may not set labels on disk, so a
// labelled commit is made in the target repository, which keeps them as data (labelled-tree.ts). Linux asks for CAP_SYS_ADMIN of the
// initial namespace.

import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { UserError } from '../lib/errors.ts';
import { inTree } from '../lib/in-tree.ts';
import { run } from '../lib/run.ts';
import type { EngineContext } from './context.ts';
import { hasMachineLabel } from './file-attributes.ts';
import { isBare } from './repository/mode.ts';

/** The `SELINUXTYPE` of the tree's /usr/etc/selinux/config, or null when there is no policy or it is turned off. */
export async function policyOf(tree: string): Promise<string | null> {
  const path = inTree(tree, 'usr/etc/selinux/config');
  if (!existsSync(path)) return null;
  const setting = (name: string, text: string): string | undefined =>
    new RegExp(`^\\s*${name}=\\s*(\\S+)`, 'm').exec(text)?.[1];
  const text = await readFile(path, 'utf8');
  const type = setting('SELINUXTYPE', text);
  if (type === undefined || setting('SELINUX', text) === 'disabled') return null;
  const folder = inTree(tree, `usr/etc/selinux/${type}/policy`);
  const compiled = existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('policy.'));
  return compiled ? type : null;
}

/**
 * Makes sure that files get no labels of this machine where they are kept.
 * @param repo an existing repository
 * @throws UserError `machine-labels`
 */
export async function assertHeldWithoutMachineLabels(repo: string): Promise<void> {
  if (!hasMachineLabel(repo) || !isBare(repo)) return;
  throw new UserError(
    'machine-labels',
    `${repo} is of mode bare, where ostree takes the SELinux labels of this machine for part of the files`,
    { hint: 'use a repository of mode bare-user or archive' },
  );
}

/**
 * Makes sure that the target repository can hold labels and that ostree can make them.
 * @param repo an existing repository
 * @throws UserError `labels-impossible`
 */
export async function assertLabelsPossible(repo: string, context: EngineContext): Promise<void> {
  const hint = 'or set selinux: false for a commit without labels';
  if (isBare(repo)) {
    throw new UserError(
      'labels-impossible',
      `the tree has an SELinux policy, but ${repo} is of mode bare, where a compose may not set labels`,
      { hint: `use a repository of mode bare-user or archive, ${hint}` },
    );
  }
  const { stdout } = await run(['ostree', '--version'], context.runOptions);
  if (!/^\s*- selinux$/m.test(stdout)) {
    throw new UserError(
      'labels-impossible',
      "the tree has an SELinux policy, but this machine's ostree is built without SELinux",
      { hint: `use an ostree whose \`ostree --version\` lists selinux, ${hint}` },
    );
  }
}
