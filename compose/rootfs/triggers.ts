// Which triggers an installation of all packages at once fires, and in what order; see rpm's docs/manual/triggers.md and
// file_triggers.md. Pure: the scriptlets are run elsewhere.

import type { EnginePackage } from '../packages/package.ts';
import type { Scriptlet, Trigger } from '../packages/scriptlets.ts';

export interface ScriptletRun {
  readonly package: EnginePackage;
  readonly scriptlet: Scriptlet;
  /** What the scriptlet gets on stdin: matching paths, one a line. */
  readonly input: string;
}

/** File triggers from this priority on run before the package's own %post. */
const upperPriority = 10_000;

/**
 * Everything that runs between the first %post and the last %transfiletriggerin.
 * A trigger of package T on package P fires when the later of the two is installed.
 * @param packages in installation order
 */
export function installationRuns(packages: readonly EnginePackage[]): ScriptletRun[] {
  const runs: ScriptletRun[] = [];
  for (const [index, each] of packages.entries()) {
    const installed = packages.slice(0, index + 1);
    const fileTriggers = byPriority([
      ...fileTriggerRuns(packages.slice(0, index), [each]),
      ...fileTriggerRuns([each], installed),
    ]);
    const upper = (run: ScriptletRun): boolean => (run.scriptlet as Trigger).priority >= upperPriority;
    if (each.scriptlets.post !== null) runs.push({ package: each, scriptlet: each.scriptlets.post, input: '' });
    runs.push(
      ...fileTriggers.filter(upper),
      ...packageTriggerRuns(installed, each),
      ...fileTriggers.filter((run) => !upper(run)),
    );
  }
  for (const each of packages) {
    if (each.scriptlets.posttrans !== null)
      runs.push({ package: each, scriptlet: each.scriptlets.posttrans, input: '' });
  }
  return [...runs, ...transactionFileTriggerRuns(packages)];
}

function packageTriggerRuns(installed: readonly EnginePackage[], each: EnginePackage): ScriptletRun[] {
  const fires = (owner: EnginePackage, target: EnginePackage): ScriptletRun[] =>
    owner.scriptlets.triggerin
      .filter((trigger) => trigger.patterns.includes(target.name))
      .map((scriptlet) => ({ package: owner, scriptlet, input: '' }));
  const others = installed.filter((other) => other !== each);
  return [...installed.flatMap((owner) => fires(owner, each)), ...others.flatMap((target) => fires(each, target))];
}

function fileTriggerRuns(owners: readonly EnginePackage[], sources: readonly EnginePackage[]): ScriptletRun[] {
  return owners.flatMap((owner) =>
    owner.scriptlets.filetriggerin.flatMap((trigger) => {
      const input = matchingPaths(trigger, sources);
      return input === '' ? [] : [{ package: owner, scriptlet: trigger, input }];
    }),
  );
}

function transactionFileTriggerRuns(packages: readonly EnginePackage[]): ScriptletRun[] {
  return byPriority(
    packages.flatMap((owner) =>
      owner.scriptlets.transfiletriggerin.flatMap((trigger) => {
        const input = matchingPaths(trigger, packages);
        return input === '' ? [] : [{ package: owner, scriptlet: trigger, input }];
      }),
    ),
  );
}

function matchingPaths(trigger: Trigger, sources: readonly EnginePackage[]): string {
  return sources
    .flatMap((source) => source.files.map((file) => file.path))
    .filter((path) => trigger.patterns.some((prefix) => path.startsWith(prefix)))
    .map((path) => `${path}\n`)
    .join('');
}

// Array.prototype.sort is stable: equal priorities keep the order of installation.
function byPriority(runs: readonly ScriptletRun[]): ScriptletRun[] {
  return [...runs].sort((a, b) => (b.scriptlet as Trigger).priority - (a.scriptlet as Trigger).priority);
}
