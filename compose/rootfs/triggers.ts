// Which scriptlets an installation of all packages at once runs, in what order and with which arguments: exactly as rpm does it
// (lib/psm.c, lib/rpmtriggers.c; docs/manual/triggers.md, file_triggers.md). Pure: they are run elsewhere.

import { rangesOverlap } from '../../lib/rpm/version-range.ts';
import type { EnginePackage } from '../packages/package.ts';
import type { FileTrigger, Scriptlet, TriggerCondition } from '../packages/scriptlets.ts';

export interface ScriptletRun {
  readonly package: EnginePackage;
  readonly scriptlet: Scriptlet;
  /** How often packages are installed, as rpm counts; see the constants below. */
  readonly arguments: readonly string[];
  /** What the scriptlet gets on stdin: matching paths, one a line. */
  readonly input: string;
}

/** The package is there once when its scriptlet has run. */
const ofPackage = ['1'];
/** Both the package with the trigger and the one that fires it are there once. */
const ofTrigger = ['1', '1'];
/** File triggers are given no count. */
const ofFileTrigger = ['0'];

/** File triggers from this priority on run before the package's own %post. */
const upperPriority = 10_000;

/** Every %pre. They run before any other scriptlet, because all files are in the tree from the beginning. */
export function preparingRuns(packages: readonly EnginePackage[]): ScriptletRun[] {
  return packages.flatMap((each) => ofKind(each, each.scriptlets.pre));
}

/**
 * Everything that runs between the first %post and the last %transfiletriggerin.
 * @param packages in installation order
 */
export function installationRuns(packages: readonly EnginePackage[]): ScriptletRun[] {
  return [
    ...packages.flatMap((each, index) => runsAfterUnpacking(each, packages.slice(0, index + 1))),
    ...packages.flatMap((each) => ofKind(each, each.scriptlets.posttrans)),
    ...packages.flatMap((each) =>
      byPriority(each.scriptlets.transfiletriggerin).flatMap((trigger) =>
        fileTriggerRun(each, trigger, pathsInDatabase(trigger, packages)),
      ),
    ),
  ];
}

/** What rpm runs for the last package of `installed`, once its files and its entry in the database are there. */
function runsAfterUnpacking(each: EnginePackage, installed: readonly EnginePackage[]): ScriptletRun[] {
  const isUpper = ({ priority }: FileTrigger): boolean => priority >= upperPriority;
  return [
    ...fileTriggerRuns(each, installed, isUpper),
    ...ofKind(each, each.scriptlets.post),
    ...packageTriggerRuns(each, installed),
    ...fileTriggerRuns(each, installed, (trigger) => !isUpper(trigger)),
  ];
}

function ofKind(each: EnginePackage, scriptlet: Scriptlet | null): ScriptletRun[] {
  return scriptlet === null ? [] : [{ package: each, scriptlet, arguments: ofPackage, input: '' }];
}

/** Triggers that the new package fires, those of its own included, then its own that any installed package fires. */
function packageTriggerRuns(each: EnginePackage, installed: readonly EnginePackage[]): ScriptletRun[] {
  const run = (owner: EnginePackage, scriptlet: Scriptlet): ScriptletRun => ({
    ...{ package: owner, scriptlet, arguments: ofTrigger, input: '' },
  });
  const fired = installed.flatMap((owner) => {
    const condition = firedCondition(owner.scriptlets.triggerin, each);
    return condition === undefined ? [] : [run(owner, condition.scriptlet)];
  });
  const own = new Set(
    each.scriptlets.triggerin.flatMap(({ target }) =>
      installed
        .filter(({ name }) => name === target)
        .flatMap((other) => firedCondition(each.scriptlets.triggerin, other)?.scriptlet ?? []),
    ),
  );
  return [...fired, ...[...own].map((scriptlet) => run(each, scriptlet))];
}

/** A pair of packages sets off one script at most: that of the first condition that is met. */
export function firedCondition(
  conditions: readonly TriggerCondition[],
  target: Pick<EnginePackage, 'name' | 'ownVersions'>,
): TriggerCondition | undefined {
  return conditions.find(
    (condition) =>
      condition.target === target.name &&
      target.ownVersions.some((version) => rangesOverlap(version, condition.versions)),
  );
}

/** File triggers that the new package's files set off, its own included, then its own that files of the others set off. */
function fileTriggerRuns(
  each: EnginePackage,
  installed: readonly EnginePackage[],
  isDue: (trigger: FileTrigger) => boolean,
): ScriptletRun[] {
  const owned = installed.flatMap((owner) =>
    owner.scriptlets.filetriggerin.filter(isDue).map((trigger) => ({ owner, ...trigger })),
  );
  const others = installed.filter((other) => other !== each);
  return [
    ...byPriority(owned).flatMap(({ owner, ...trigger }) =>
      fileTriggerRun(owner, trigger, pathsOfPackage(trigger, each)),
    ),
    ...byPriority(each.scriptlets.filetriggerin.filter(isDue)).flatMap((trigger) =>
      fileTriggerRun(each, trigger, pathsInDatabase(trigger, others)),
    ),
  ];
}

function fileTriggerRun(owner: EnginePackage, scriptlet: FileTrigger, paths: readonly string[]): ScriptletRun[] {
  if (paths.length === 0) return [];
  const input = paths.map((path) => `${path}\n`).join('');
  return [{ package: owner, scriptlet, arguments: ofFileTrigger, input }];
}

// A path that begins with two of the prefixes is given twice.
function pathsOfPackage({ prefixes }: FileTrigger, { paths }: EnginePackage): string[] {
  return prefixes.flatMap((prefix) => paths.filter((path) => path.startsWith(prefix)));
}

/**
 * rpm finds files of installed packages through its index of folders: only a package with a folder that begins with the prefix is looked
 * at. A prefix that names a single file therefore finds nothing here.
 */
function pathsInDatabase({ prefixes }: FileTrigger, installed: readonly EnginePackage[]): string[] {
  return prefixes.flatMap((prefix) =>
    installed.flatMap(({ paths }) => {
      const matching = paths.filter((path) => path.startsWith(prefix));
      return matching.some((path) => path.lastIndexOf('/') + 1 >= prefix.length) ? matching : [];
    }),
  );
}

// Array.prototype.sort is stable: equal priorities keep the order of installation.
function byPriority<T extends FileTrigger>(triggers: readonly T[]): T[] {
  return [...triggers].sort((a, b) => b.priority - a.priority);
}
