// Scriptlets, triggers and file triggers of an RPM as header entries.

import type {
  RpmFileTrigger,
  RpmFileTriggerKind,
  RpmScriptletKind,
  RpmSpec,
  RpmTrigger,
  RpmTriggerKind,
} from './spec.ts';
import { rpmSense, rpmTag } from './tags.ts';
import { encodeDependency, interpreterOf, type WrittenDependency } from './write-dependencies.ts';
import type { RpmHeaderEntry } from './write-header.ts';

const scriptletTags: Record<RpmScriptletKind, { script: number; program: number }> = {
  pre: { script: rpmTag.preIn, program: rpmTag.preInProg },
  post: { script: rpmTag.postIn, program: rpmTag.postInProg },
  preun: { script: rpmTag.preUn, program: rpmTag.preUnProg },
  postun: { script: rpmTag.postUn, program: rpmTag.postUnProg },
  pretrans: { script: rpmTag.preTrans, program: rpmTag.preTransProg },
  posttrans: { script: rpmTag.postTrans, program: rpmTag.postTransProg },
};

/** The three families of triggers differ only in their tags. */
interface TriggerTags {
  readonly scripts: number;
  readonly programs: number;
  readonly names: number;
  readonly versions: number;
  readonly flags: number;
  readonly indexes: number;
}

const packageTriggerTags: TriggerTags = {
  scripts: rpmTag.triggerScripts,
  programs: rpmTag.triggerScriptProg,
  names: rpmTag.triggerName,
  versions: rpmTag.triggerVersion,
  flags: rpmTag.triggerFlags,
  indexes: rpmTag.triggerIndex,
};
const fileTriggerTags: TriggerTags = {
  scripts: rpmTag.fileTriggerScripts,
  programs: rpmTag.fileTriggerScriptProg,
  names: rpmTag.fileTriggerName,
  versions: rpmTag.fileTriggerVersion,
  flags: rpmTag.fileTriggerFlags,
  indexes: rpmTag.fileTriggerIndex,
};
const transFileTriggerTags: TriggerTags = {
  scripts: rpmTag.transFileTriggerScripts,
  programs: rpmTag.transFileTriggerScriptProg,
  names: rpmTag.transFileTriggerName,
  versions: rpmTag.transFileTriggerVersion,
  flags: rpmTag.transFileTriggerFlags,
  indexes: rpmTag.transFileTriggerIndex,
};

const triggerSense: Record<RpmTriggerKind | RpmFileTriggerKind, number> = {
  triggerprein: rpmSense.triggerPreIn,
  triggerin: rpmSense.triggerIn,
  triggerun: rpmSense.triggerUn,
  triggerpostun: rpmSense.triggerPostUn,
  filetriggerin: rpmSense.triggerIn,
  filetriggerun: rpmSense.triggerUn,
  filetriggerpostun: rpmSense.triggerPostUn,
  transfiletriggerin: rpmSense.triggerIn,
  transfiletriggerun: rpmSense.triggerUn,
  transfiletriggerpostun: rpmSense.triggerPostUn,
};

/** rpmbuild's RPMTRIGGER_DEFAULT_PRIORITY. */
const defaultPriority = 1_000_000;

export function scriptEntries(spec: RpmSpec): RpmHeaderEntry[] {
  const fileTriggers = spec.fileTriggers ?? [];
  const perFile = fileTriggers.filter((trigger) => !trigger.kind.startsWith('trans'));
  const perTransaction = fileTriggers.filter((trigger) => trigger.kind.startsWith('trans'));
  return [
    ...scriptletEntries(spec),
    ...triggerEntries(spec.triggers ?? [], packageConditions, packageTriggerTags),
    ...triggerEntries(perFile, prefixConditions, fileTriggerTags),
    ...priorityEntries(perFile, rpmTag.fileTriggerPriorities),
    ...triggerEntries(perTransaction, prefixConditions, transFileTriggerTags),
    ...priorityEntries(perTransaction, rpmTag.transFileTriggerPriorities),
  ];
}

function scriptletEntries(spec: RpmSpec): RpmHeaderEntry[] {
  return Object.entries(spec.scriptlets ?? {}).flatMap<RpmHeaderEntry>(([kind, scriptlet]) => {
    const tags = scriptletTags[kind as RpmScriptletKind];
    const interpreter = interpreterOf(scriptlet);
    return [
      ...(scriptlet.script === '' ? [] : [{ tag: tags.script, type: 'string', value: scriptlet.script } as const]),
      interpreter.length === 1
        ? { tag: tags.program, type: 'string', value: interpreter[0]! }
        : { tag: tags.program, type: 'stringArray', value: interpreter },
    ];
  });
}

function packageConditions(trigger: RpmTrigger): WrittenDependency[] {
  return trigger.packages.map(encodeDependency);
}

function prefixConditions(trigger: RpmFileTrigger): WrittenDependency[] {
  return trigger.prefixes.map((name) => ({ name, flags: 0, version: '' }));
}

// Scripts are listed once; each condition names its script by index.
function triggerEntries<T extends RpmTrigger | RpmFileTrigger>(
  triggers: readonly T[],
  conditionsOf: (trigger: T) => WrittenDependency[],
  tags: TriggerTags,
): RpmHeaderEntry[] {
  if (triggers.length === 0) return [];
  const conditions = triggers.flatMap((trigger, index) =>
    conditionsOf(trigger).map((condition) => ({
      ...condition,
      flags: condition.flags | triggerSense[trigger.kind],
      index,
    })),
  );
  return [
    { tag: tags.scripts, type: 'stringArray', value: triggers.map((trigger) => trigger.script) },
    { tag: tags.programs, type: 'stringArray', value: triggers.map((trigger) => interpreterOf(trigger).join(' ')) },
    { tag: tags.names, type: 'stringArray', value: conditions.map((condition) => condition.name) },
    { tag: tags.versions, type: 'stringArray', value: conditions.map((condition) => condition.version) },
    { tag: tags.flags, type: 'int32', value: conditions.map((condition) => condition.flags) },
    { tag: tags.indexes, type: 'int32', value: conditions.map((condition) => condition.index) },
  ];
}

function priorityEntries(triggers: readonly RpmFileTrigger[], tag: number): RpmHeaderEntry[] {
  if (triggers.length === 0) return [];
  return [{ tag, type: 'int32', value: triggers.map((trigger) => trigger.priority ?? defaultPriority) }];
}
