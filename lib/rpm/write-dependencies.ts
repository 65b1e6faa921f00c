// Dependencies of an RPM as header entries, with those that rpmbuild would add: the package's own provides, script interpreters,
// and the rpmlib() features that a reader must know.

import {
  evrOf,
  type RpmComparison,
  type RpmDependency,
  type RpmScriptlet,
  type RpmScriptletKind,
  type RpmSpec,
} from './spec.ts';
import { rpmSense, rpmTag } from './tags.ts';
import type { RpmHeaderEntry } from './write-header.ts';
import type { RpmCompressor } from './write-payload.ts';

/** A dependency as the header holds it. */
export interface WrittenDependency {
  readonly name: string;
  readonly flags: number;
  readonly version: string;
}

export const defaultInterpreter: readonly string[] = ['/bin/sh'];

const scriptletSense: Record<RpmScriptletKind, number> = {
  pre: rpmSense.scriptPre,
  post: rpmSense.scriptPost,
  preun: rpmSense.scriptPreUn,
  postun: rpmSense.scriptPostUn,
  pretrans: rpmSense.preTrans,
  posttrans: rpmSense.postTrans,
};

/** The names that RPM gives processors in `NAME(ISA)` (rpmrc's macros). */
const isaNames: Readonly<Record<string, string>> = {
  x86_64: 'x86-64',
  aarch64: 'aarch-64',
  ppc64le: 'ppc-64',
  s390x: 's390-64',
  riscv64: 'riscv-64',
};

/** All dependency entries of a package. @param hasCapabilities whether a file carries capabilities */
export function dependencyEntries(
  spec: RpmSpec,
  compressor: RpmCompressor,
  hasCapabilities: boolean,
): RpmHeaderEntry[] {
  const requires = [
    ...encodeDependencies(spec.requires),
    ...interpreterRequires(spec),
    ...rpmlibRequires(spec, compressor, hasCapabilities),
  ];
  const provides = [...ownProvides(spec), ...encodeDependencies(spec.provides)];
  return [
    ...entriesOf(requires, rpmTag.requireName, rpmTag.requireFlags, rpmTag.requireVersion),
    ...entriesOf(provides, rpmTag.provideName, rpmTag.provideFlags, rpmTag.provideVersion),
    ...entriesOf(encodeDependencies(spec.conflicts), rpmTag.conflictName, rpmTag.conflictFlags, rpmTag.conflictVersion),
    ...entriesOf(encodeDependencies(spec.obsoletes), rpmTag.obsoleteName, rpmTag.obsoleteFlags, rpmTag.obsoleteVersion),
    ...entriesOf(
      encodeDependencies(spec.recommends),
      rpmTag.recommendName,
      rpmTag.recommendFlags,
      rpmTag.recommendVersion,
    ),
    ...entriesOf(encodeDependencies(spec.suggests), rpmTag.suggestName, rpmTag.suggestFlags, rpmTag.suggestVersion),
    ...entriesOf(
      encodeDependencies(spec.supplements),
      rpmTag.supplementName,
      rpmTag.supplementFlags,
      rpmTag.supplementVersion,
    ),
    ...entriesOf(encodeDependencies(spec.enhances), rpmTag.enhanceName, rpmTag.enhanceFlags, rpmTag.enhanceVersion),
  ];
}

export function encodeDependency(dependency: RpmDependency): WrittenDependency {
  if ((dependency.comparison === undefined) !== (dependency.version === undefined)) {
    throw new TypeError(`the dependency ${dependency.name} needs both a comparison and a version, or neither`);
  }
  const scriptlets = (dependency.scriptlets ?? []).reduce((sum, kind) => sum | scriptletSense[kind], 0);
  return {
    name: dependency.name,
    flags: comparisonSense(dependency.comparison) | scriptlets,
    version: dependency.version ?? '',
  };
}

function encodeDependencies(dependencies: readonly RpmDependency[] = []): WrittenDependency[] {
  return dependencies.map(encodeDependency);
}

function comparisonSense(comparison: RpmComparison | undefined): number {
  switch (comparison) {
    case undefined:
      return 0;
    case '<':
      return rpmSense.less;
    case '<=':
      return rpmSense.less | rpmSense.equal;
    case '=':
      return rpmSense.equal;
    case '>=':
      return rpmSense.greater | rpmSense.equal;
    case '>':
      return rpmSense.greater;
  }
}

function ownProvides(spec: RpmSpec): WrittenDependency[] {
  const isa = isaNames[spec.arch];
  const names = isa === undefined ? [spec.name] : [spec.name, `${spec.name}(${isa})`];
  return names.map((name) => ({ name, flags: rpmSense.equal, version: evrOf(spec) }));
}

function interpreterRequires(spec: RpmSpec): WrittenDependency[] {
  const uses: [RpmScriptlet, number][] = [
    ...Object.entries(spec.scriptlets ?? {}).map<[RpmScriptlet, number]>(([kind, scriptlet]) => [
      scriptlet,
      scriptletSense[kind as RpmScriptletKind],
    ]),
    ...[...(spec.triggers ?? []), ...(spec.fileTriggers ?? [])].map<[RpmScriptlet, number]>((trigger) => [trigger, 0]),
  ];
  return uses.map(([scriptlet, flags]) => {
    const program = interpreterOf(scriptlet)[0]!;
    if (program === '<lua>') return rpmlib('BuiltinLuaScripts', '4.2.2-1');
    return { name: program, flags: flags | rpmSense.interpreter, version: '' };
  });
}

export function interpreterOf(scriptlet: RpmScriptlet): readonly string[] {
  return scriptlet.interpreter ?? defaultInterpreter;
}

function rpmlibRequires(spec: RpmSpec, compressor: RpmCompressor, hasCapabilities: boolean): WrittenDependency[] {
  const dependencies = [
    ...(spec.requires ?? []),
    ...(spec.provides ?? []),
    ...(spec.conflicts ?? []),
    ...(spec.obsoletes ?? []),
    ...(spec.recommends ?? []),
    ...(spec.suggests ?? []),
    ...(spec.supplements ?? []),
    ...(spec.enhances ?? []),
  ];
  const versions = [evrOf(spec), ...dependencies.map((dependency) => dependency.version ?? '')];
  const scripts = [...Object.values(spec.scriptlets ?? {}), ...(spec.triggers ?? []), ...(spec.fileTriggers ?? [])];
  return [
    rpmlib('CompressedFileNames', '3.0.4-1'),
    rpmlib('PayloadFilesHavePrefix', '4.0-1'),
    rpmlib('FileDigests', '4.6.0-1'),
    ...(compressor === 'zstd' ? [rpmlib('PayloadIsZstd', '5.4.18-1')] : []),
    ...(hasCapabilities ? [rpmlib('FileCaps', '4.6.1-1')] : []),
    ...(dependencies.some((dependency) => dependency.name.startsWith('('))
      ? [rpmlib('RichDependencies', '4.12.0-1')]
      : []),
    ...(versions.some((version) => version.includes('~')) ? [rpmlib('TildeInVersions', '4.10.0-1')] : []),
    ...(versions.some((version) => version.includes('^')) ? [rpmlib('CaretInVersions', '4.15.0-1')] : []),
    ...(scripts.some((script) => interpreterOf(script).length > 1)
      ? [rpmlib('ScriptletInterpreterArgs', '4.0.3-1')]
      : []),
  ];
}

function rpmlib(feature: string, version: string): WrittenDependency {
  return { name: `rpmlib(${feature})`, flags: rpmSense.rpmlib | rpmSense.less | rpmSense.equal, version };
}

/** Sorted and unique, as rpmbuild writes them. */
function entriesOf(
  dependencies: readonly WrittenDependency[],
  nameTag: number,
  flagsTag: number,
  versionTag: number,
): RpmHeaderEntry[] {
  if (dependencies.length === 0) return [];
  const unique = new Map(dependencies.map((dependency) => [JSON.stringify(Object.values(dependency)), dependency]));
  const sorted = [...unique.values()].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version, b.version) || a.flags - b.flags,
  );
  return [
    { tag: nameTag, type: 'stringArray', value: sorted.map((dependency) => dependency.name) },
    { tag: flagsTag, type: 'int32', value: sorted.map((dependency) => dependency.flags) },
    { tag: versionTag, type: 'stringArray', value: sorted.map((dependency) => dependency.version) },
  ];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
