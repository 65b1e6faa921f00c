// One Debian package -> the RPM that says the same. Pure: the package's bytes are read, nothing else.

import type { RpmDependency, RpmFile, RpmFileFlagName, RpmSpec } from '../../../lib/rpm/spec.ts';
import type { Deb } from '../archive/deb.ts';
import type { TarEntry } from '../archive/tar.ts';
import { type Adjustment, adjustmentFor } from './adjustments.ts';
import { conflictsFromDebian, dependenciesFromDebian, evrFromDebian, obsoletesFromDebian } from './dependencies.ts';
import { isBaseLayout, isSelfLink, mapLinkTarget, mapPath, pathOfEntry } from './paths.ts';

export const rpmArchitectures: Readonly<Record<string, string>> = { all: 'noarch', amd64: 'x86_64', arm64: 'aarch64' };

export const packageTime = 1_700_000_000;

/**
 * @param virtual names that are only virtual among all packages of the distribution, see `virtualNames()`
 * @throws Error for an architecture that RPM has no name for here
 */
export function convertDeb(deb: Deb, virtual: ReadonlySet<string>): RpmSpec {
  const { control } = deb;
  const name = control.get('Package')!;
  const arch = rpmArchitectures[control.get('Architecture')!];
  if (arch === undefined) throw new Error(`${name} is for ${control.get('Architecture')}`);
  const evr = evrFromDebian(control.get('Version')!);
  const adjustment = adjustmentFor(name);
  const [summary = name, ...description] = (control.get('Description') ?? name).split('\n');
  const provides = [...dependenciesFromDebian(control.get('Provides')), ...(adjustment.provides ?? [])];
  const conflictFields = { conflicts: control.get('Conflicts') ?? '', breaks: control.get('Breaks') ?? '' };
  const conflicts = conflictsFromDebian(name, conflictFields, virtual);
  const homepage = control.get('Homepage');
  return {
    name,
    ...evr,
    arch,
    summary,
    description: description.length === 0 ? summary : description.join('\n'),
    license: 'see /usr/share/doc/' + name + '/copyright',
    vendor: 'Debian, converted for the Slipway sample distribution',
    ...(homepage === undefined ? {} : { url: homepage }),
    sourceRpm: `${sourceName(control)}-${evr.version}-${evr.release}.src.rpm`,
    buildTime: packageTime,
    requires: requiresOf(control, adjustment),
    provides,
    conflicts,
    obsoletes: obsoletesFromDebian(conflicts, control.get('Replaces'), provides),
    recommends: dependenciesFromDebian(control.get('Recommends')),
    suggests: dependenciesFromDebian(control.get('Suggests')),
    ...(adjustment.scriptlets === undefined ? {} : { scriptlets: adjustment.scriptlets }),
    ...(adjustment.fileTriggers === undefined ? {} : { fileTriggers: adjustment.fileTriggers }),
    files: filesOf(deb, adjustment),
  };
}

function requiresOf(control: Deb['control'], adjustment: Adjustment): RpmDependency[] {
  const preDepends = dependenciesFromDebian(control.get('Pre-Depends'));
  return [
    // The links of the base layout and the owners' names must be there before the first file.
    { name: 'filesystem', scriptlets: ['pre'] },
    ...preDepends.map((dependency) => ({ ...dependency, scriptlets: ['pre'] as const })),
    ...dependenciesFromDebian(control.get('Depends')),
    ...(adjustment.requires ?? []),
  ];
}

/** `Source: name (version)`; absent when it is the package's own name. */
function sourceName(control: Deb['control']): string {
  return (control.get('Source') ?? control.get('Package')!).split(' ')[0]!;
}

function filesOf(deb: Deb, adjustment: Adjustment): RpmFile[] {
  const files = new Map<string, RpmFile>();
  for (const entry of deb.entries) {
    const oldPath = pathOfEntry(entry.name);
    const path = mapPath(oldPath);
    if (isBaseLayout(path) || adjustment.remove?.includes(path) === true) continue;
    const file = fileOf(entry, oldPath, path, deb.conffiles);
    // Packages of before the merge may have /bin/x as a link to /usr/bin/x.
    if (file === undefined || (file.type === 'symlink' && files.has(path))) continue;
    files.set(path, adjusted(file, adjustment));
  }
  for (const [path, target] of Object.entries(adjustment.links ?? {})) {
    if (!files.has(path)) files.set(path, { type: 'symlink', path, target });
  }
  return [...files.values()];
}

function fileOf(entry: TarEntry, oldPath: string, path: string, conffiles: Deb['conffiles']): RpmFile | undefined {
  const { mode, user, group, mtime, content } = entry;
  const common = { path, mode, user: user || 'root', group: group || 'root', mtime };
  switch (entry.type) {
    case 'directory':
      return { type: 'directory', ...common };
    case 'symlink': {
      const target = mapLinkTarget(oldPath, path, entry.linkName);
      if (isSelfLink(path, target)) return undefined;
      return { type: 'symlink', ...common, target, flags: flagsOf(oldPath, path, conffiles) };
    }
    case 'hardlink':
      return {
        type: 'hardlink',
        path,
        target: mapPath(pathOfEntry(entry.linkName)),
        flags: flagsOf(oldPath, path, conffiles),
      };
    case 'file':
      return { type: 'file', ...common, content, flags: flagsOf(oldPath, path, conffiles) };
    case 'other':
      throw new Error(`${entry.name} is neither a file, a directory nor a link`);
  }
}

function flagsOf(oldPath: string, path: string, conffiles: Deb['conffiles']): RpmFileFlagName[] {
  if (conffiles.has(oldPath) || path.startsWith('/etc/')) return ['config', 'noreplace'];
  if (/^\/usr\/share\/doc\/[^/]+\/copyright$/.test(path)) return ['license'];
  if (/^\/usr\/share\/(?:doc|man|info)\//.test(path)) return ['doc'];
  return [];
}

function adjusted(file: RpmFile, adjustment: Adjustment): RpmFile {
  if (file.type === 'hardlink') return file;
  const owner = adjustment.owners?.[file.path] ?? {};
  const capabilities = adjustment.capabilities?.[file.path];
  if (file.type !== 'file' || capabilities === undefined) return { ...file, ...owner };
  return { ...file, ...owner, capabilities };
}
