// The scriptlets and triggers of a package that an installation runs. Those of erasure are never due, because every tree is made anew;
// nor is %pretrans, which runs where no file exists yet and can only repair an earlier installation.

import { numberArrayTag, numberTag, type RpmHeader, stringArrayTag, stringTag } from '../../lib/rpm/read.ts';
import { rpmScriptFlag, rpmSense, rpmTag } from '../../lib/rpm/tags.ts';

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

export interface Trigger extends Scriptlet {
  /** Package names (`%triggerin`) or absolute path prefixes (file triggers) that fire it. */
  readonly patterns: readonly string[];
  /** Higher runs first; only file triggers have one. */
  readonly priority: number;
}

export interface Scriptlets {
  readonly pre: Scriptlet | null;
  readonly post: Scriptlet | null;
  readonly posttrans: Scriptlet | null;
  readonly triggerin: readonly Trigger[];
  readonly filetriggerin: readonly Trigger[];
  readonly transfiletriggerin: readonly Trigger[];
}

export function readScriptlets(header: RpmHeader): Scriptlets {
  const t = rpmTag;
  return {
    pre: readScriptlet(header, '%pre', t.preIn, t.preInProg, t.preInFlags),
    post: readScriptlet(header, '%post', t.postIn, t.postInProg, t.postInFlags),
    posttrans: readScriptlet(header, '%posttrans', t.postTrans, t.postTransProg, t.postTransFlags),
    triggerin: readTriggers(header, '%triggerin', {
      scripts: t.triggerScripts,
      programs: t.triggerScriptProg,
      scriptFlags: t.triggerScriptFlags,
      names: t.triggerName,
      flags: t.triggerFlags,
      index: t.triggerIndex,
    }),
    filetriggerin: readTriggers(header, '%filetriggerin', {
      scripts: t.fileTriggerScripts,
      programs: t.fileTriggerScriptProg,
      scriptFlags: t.fileTriggerScriptFlags,
      names: t.fileTriggerName,
      flags: t.fileTriggerFlags,
      index: t.fileTriggerIndex,
      priorities: t.fileTriggerPriorities,
    }),
    transfiletriggerin: readTriggers(header, '%transfiletriggerin', {
      scripts: t.transFileTriggerScripts,
      programs: t.transFileTriggerScriptProg,
      scriptFlags: t.transFileTriggerScriptFlags,
      names: t.transFileTriggerName,
      flags: t.transFileTriggerFlags,
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
  readonly index: number;
  readonly priorities?: number;
}

function readTriggers(header: RpmHeader, kind: string, tags: TriggerTags): Trigger[] {
  const scripts = stringArrayTag(header, tags.scripts);
  if (scripts.length === 0) return [];
  const programs = stringArrayTag(header, tags.programs);
  const scriptFlags = numberArrayTag(header, tags.scriptFlags);
  const names = stringArrayTag(header, tags.names);
  const flags = numberArrayTag(header, tags.flags);
  const scriptOf = numberArrayTag(header, tags.index);
  const priorities = tags.priorities === undefined ? [] : numberArrayTag(header, tags.priorities);
  return scripts
    .map((script, number) => ({
      kind,
      interpreter: [programs[number] ?? '/bin/sh'],
      script,
      expands: expands(scriptFlags[number]),
      // One list of conditions serves all kinds of trigger: those of erasure carry other flags.
      patterns: names.filter(
        (_, condition) => scriptOf[condition] === number && ((flags[condition] ?? 0) & rpmSense.triggerIn) !== 0,
      ),
      priority: priorities[number] ?? defaultTriggerPriority,
    }))
    .filter((trigger) => trigger.patterns.length > 0);
}

/** rpmbuild's RPMTRIGGER_DEFAULT_PRIORITY. */
const defaultTriggerPriority = 1_000_000;

function expands(flags: number | undefined): boolean {
  return ((flags ?? 0) & (rpmScriptFlag.expand | rpmScriptFlag.queryFormat)) !== 0;
}
