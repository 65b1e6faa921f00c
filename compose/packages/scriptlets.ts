// The scriptlets and triggers of a package that an installation runs. Those of erasure are never due, because every tree is made anew;
// nor is %pretrans, which runs where no file exists yet and can only repair an earlier installation.

import { numberArrayTag, numberTag, type RpmHeader, stringArrayTag, stringTag } from '../../lib/rpm/read.ts';
import { rpmScriptFlag, rpmSense, rpmTag } from '../../lib/rpm/tags.ts';
import type { VersionRange } from '../../lib/rpm/version-range.ts';

export interface Scriptlet {
  /** As it is written in a spec file, e.g. `%post`. */
  readonly kind: string;
  /** Program and its arguments, or `<lua>`. */
  readonly interpreter: readonly string[];
  /** Empty when the interpreter alone is the action. */
  readonly script: string;
  /** True when rpm would expand macros or query tags in the text at installation. */
  readonly expands: boolean;
}

/** What fires a `%triggerin` or `%triggerprein`. */
export interface TriggerCondition {
  /** Name of the package whose installation fires it. */
  readonly target: string;
  readonly versions: VersionRange;
  /** The same object for all conditions of one script. */
  readonly scriptlet: Scriptlet;
}

export interface FileTrigger extends Scriptlet {
  /** Absolute paths: what begins with one of them fires it. */
  readonly prefixes: readonly string[];
  /** Higher runs first. */
  readonly priority: number;
}

export interface Scriptlets {
  readonly pre: Scriptlet | null;
  readonly post: Scriptlet | null;
  readonly posttrans: Scriptlet | null;
  /** In the order of the header, in which they are tried. */
  readonly triggerprein: readonly TriggerCondition[];
  readonly triggerin: readonly TriggerCondition[];
  readonly filetriggerin: readonly FileTrigger[];
  readonly transfiletriggerin: readonly FileTrigger[];
}

export function readScriptlets(header: RpmHeader): Scriptlets {
  const t = rpmTag;
  return {
    pre: readScriptlet(header, '%pre', t.preIn, t.preInProg, t.preInFlags),
    post: readScriptlet(header, '%post', t.postIn, t.postInProg, t.postInFlags),
    posttrans: readScriptlet(header, '%posttrans', t.postTrans, t.postTransProg, t.postTransFlags),
    triggerprein: readPackageTriggers(header, '%triggerprein', rpmSense.triggerPreIn),
    triggerin: readPackageTriggers(header, '%triggerin', rpmSense.triggerIn),
    filetriggerin: readFileTriggers(header, '%filetriggerin', {
      scripts: t.fileTriggerScripts,
      programs: t.fileTriggerScriptProg,
      scriptFlags: t.fileTriggerScriptFlags,
      names: t.fileTriggerName,
      flags: t.fileTriggerFlags,
      versions: t.fileTriggerVersion,
      index: t.fileTriggerIndex,
      priorities: t.fileTriggerPriorities,
    }),
    transfiletriggerin: readFileTriggers(header, '%transfiletriggerin', {
      scripts: t.transFileTriggerScripts,
      programs: t.transFileTriggerScriptProg,
      scriptFlags: t.transFileTriggerScriptFlags,
      names: t.transFileTriggerName,
      flags: t.transFileTriggerFlags,
      versions: t.transFileTriggerVersion,
      index: t.transFileTriggerIndex,
      priorities: t.transFileTriggerPriorities,
    }),
  };
}

function readScriptlet(
  header: RpmHeader,
  kind: string,
  scriptTag: number,
  programTag: number,
  flagsTag: number,
): Scriptlet | null {
  const script = stringTag(header, scriptTag);
  const program = stringArrayTag(header, programTag);
  if (script === undefined && program.length === 0) return null;
  return {
    kind,
    interpreter: program.length === 0 ? ['/bin/sh'] : program,
    script: script ?? '',
    expands: expands(numberTag(header, flagsTag)),
  };
}

interface TriggerTags {
  readonly scripts: number;
  readonly programs: number;
  readonly scriptFlags: number;
  readonly names: number;
  readonly flags: number;
  readonly versions: number;
  readonly index: number;
}

const packageTriggerTags: TriggerTags = {
  scripts: rpmTag.triggerScripts,
  programs: rpmTag.triggerScriptProg,
  scriptFlags: rpmTag.triggerScriptFlags,
  names: rpmTag.triggerName,
  flags: rpmTag.triggerFlags,
  versions: rpmTag.triggerVersion,
  index: rpmTag.triggerIndex,
};

function readPackageTriggers(header: RpmHeader, kind: string, sense: number): TriggerCondition[] {
  const scripts = readTriggerScripts(header, kind, packageTriggerTags);
  return readConditions(header, packageTriggerTags, sense).flatMap(({ name, flags, version, script }) => {
    const scriptlet = scripts[script];
    return scriptlet === undefined ? [] : [{ target: name, versions: { flags, evr: version }, scriptlet }];
  });
}

function readFileTriggers(header: RpmHeader, kind: string, tags: TriggerTags & { priorities: number }): FileTrigger[] {
  const conditions = readConditions(header, tags, rpmSense.triggerIn);
  const priorities = numberArrayTag(header, tags.priorities);
  return readTriggerScripts(header, kind, tags)
    .map((scriptlet, number) => ({
      ...scriptlet,
      prefixes: conditions.filter(({ script }) => script === number).map(({ name }) => name),
      priority: priorities[number] ?? defaultTriggerPriority,
    }))
    .filter(({ prefixes }) => prefixes.length > 0);
}

function readTriggerScripts(header: RpmHeader, kind: string, tags: TriggerTags): Scriptlet[] {
  const programs = stringArrayTag(header, tags.programs);
  const flags = numberArrayTag(header, tags.scriptFlags);
  return stringArrayTag(header, tags.scripts).map((script, number) => ({
    kind,
    interpreter: [programs[number] ?? '/bin/sh'],
    script,
    expands: expands(flags[number]),
  }));
}

interface Condition {
  readonly name: string;
  readonly flags: number;
  readonly version: string;
  /** Number of its script. */
  readonly script: number;
}

/** One list of conditions serves all kinds of trigger, those of erasure too; they differ in a flag. */
function readConditions(header: RpmHeader, tags: TriggerTags, sense: number): Condition[] {
  const flags = numberArrayTag(header, tags.flags);
  const versions = stringArrayTag(header, tags.versions);
  const scripts = numberArrayTag(header, tags.index);
  return stringArrayTag(header, tags.names)
    .map((name, at) => ({ name, flags: flags[at] ?? 0, version: versions[at] ?? '', script: scripts[at] ?? -1 }))
    .filter((condition) => (condition.flags & sense) !== 0);
}

/** rpmbuild's RPMTRIGGER_DEFAULT_PRIORITY. */
const defaultTriggerPriority = 1_000_000;

function expands(flags: number | undefined): boolean {
  return ((flags ?? 0) & (rpmScriptFlag.expand | rpmScriptFlag.queryFormat)) !== 0;
}
