// Scriptlets that are not run: those that the treefile tells us to leave out, and %triggerprein, which we cannot run at its time.

import { UserError } from '../../lib/errors.ts';
import type { Events } from '../../lib/events.ts';
import type { EnginePackage } from '../packages/package.ts';
import type { Treefile } from '../treefile/treefile.ts';
import { firedCondition, type ScriptletRun } from './triggers.ts';

export type IgnoredScriptlet = Treefile['ignoreScriptlets'][number];

/** The treefile's word on a scriptlet, if it has one. @param kind as in a spec file, with the `%` */
export function ignoredAs(
  owner: Pick<EnginePackage, 'name'>,
  kind: string,
  ignored: readonly IgnoredScriptlet[],
): IgnoredScriptlet | undefined {
  return ignored.find((each) => each.package === owner.name && `%${each.scriptlet}` === kind);
}

/** Leaves out what ignore-scriptlets lists with `run: false`, and says so. */
export function withoutLeftOut(
  runs: readonly ScriptletRun[],
  ignored: readonly IgnoredScriptlet[],
  events: Events,
): ScriptletRun[] {
  return runs.filter(({ package: owner, scriptlet: { kind } }) => {
    const entry = ignoredAs(owner, kind, ignored);
    if (entry === undefined || entry.run) return true;
    events.info(`the ${kind} of ${owner.nevra} is not run: ${entry.reason}`);
    return false;
  });
}

/**
 * rpm runs a %triggerprein when the files of the package that fires it are not there yet. Here they are, so it would find another tree than
 * it was written for.
 * @throws UserError `scriptlet-unsupported` naming each that would be due and is not in ignore-scriptlets
 */
export function refuseTriggerPrein(packages: readonly EnginePackage[], ignored: readonly IgnoredScriptlet[]): void {
  const due = packages.flatMap((owner) =>
    packages
      .filter((target) => firedCondition(owner.scriptlets.triggerprein, target) !== undefined)
      .filter(() => ignoredAs(owner, '%triggerprein', ignored) === undefined)
      .map((target) => `the %triggerprein of ${owner.nevra} on ${target.name} cannot be run`),
  );
  if (due.length === 0) return;
  throw new UserError('scriptlet-unsupported', due.join('\n'), {
    hint: 'list it in ignore-scriptlets with the reason why the tree does not need it',
  });
}
