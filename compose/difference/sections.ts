// A difference as titled lists of lines, which the text and the HTML form print each in its way.

import type { CommitDifference } from './difference.ts';
import type { FileState } from './files.ts';
import type { ChangelogEntry } from './packages.ts';

export type LineKind = 'added' | 'removed' | 'changed';

export interface DifferenceLine {
  readonly kind: LineKind;
  readonly text: string;
  /** Said below the line: changelog entries, bug reports. */
  readonly notes: readonly string[];
}

export interface DifferenceSection {
  readonly title: string;
  readonly lines: readonly DifferenceLine[];
}

/** Only sections that have lines. */
export function sectionsOf(difference: CommitDifference, sizeText: (bytes: number) => string): DifferenceSection[] {
  const { advisories, packages, users, groups, units, privileges, files } = difference;
  const changes = (list: CommitDifference['packages']['upgraded']): DifferenceLine[] =>
    list.map(({ name, arch, from, to, changelog }) => ({
      kind: 'changed',
      text: `${name}.${arch} ${from} -> ${to}`,
      notes: changelog.map(noteOf),
    }));
  const names = (list: CommitDifference['packages']['added']): string[] =>
    list.map(({ name, evr, arch }) => `${name}-${evr}.${arch}`);
  const state = ({ type, size, mode, target }: FileState): string =>
    type === 'file' ? `${sizeText(size)}, ${mode}` : type === 'symlink' ? `link to ${target}` : `folder, ${mode}`;
  const sections: DifferenceSection[] = [
    {
      title: 'Security advisories',
      lines: advisories.map(({ id, severity, packages: fixed, cveReferences }) => ({
        kind: 'added',
        text: `${id}${severity === 'none' ? '' : `, ${severity}`}: ${fixed.join(', ')}`,
        notes: cveReferences.map(({ title, url }) => `${title}\n${url}`),
      })),
    },
    { title: 'Packages upgraded', lines: changes(packages.upgraded) },
    { title: 'Packages downgraded', lines: changes(packages.downgraded) },
    { title: 'Packages added', lines: lines('added', names(packages.added)) },
    { title: 'Packages removed', lines: lines('removed', names(packages.removed)) },
    { title: 'Users', lines: threeWay(users) },
    { title: 'Groups', lines: threeWay(groups) },
    { title: 'Units enabled or masked', lines: threeWay({ ...units, changed: [] }) },
    {
      title: 'Programs with rights of their own (setuid, setgid, capabilities)',
      lines: privileges.map(({ path, before, after }) => {
        if (before === null) return line('added', `${path}: ${after}`);
        return after === null
          ? line('removed', `${path}: ${before}`)
          : line('changed', `${path}: ${before} -> ${after}`);
      }),
    },
    {
      title: 'Files changed',
      lines: files.changed.map(({ path, before, after, aspects }) =>
        line('changed', `${path} (${aspects.join(', ')}): ${state(before)} -> ${state(after)}`),
      ),
    },
    { title: 'Files added', lines: files.added.map((each) => line('added', `${each.path} (${state(each)})`)) },
    { title: 'Files removed', lines: files.removed.map((each) => line('removed', `${each.path} (${state(each)})`)) },
  ];
  return sections.filter((section) => section.lines.length > 0);
}

/** `2026-01-31 Name <address> - version: text` */
function noteOf({ time, author, text }: ChangelogEntry): string {
  return `${new Date(time * 1000).toISOString().slice(0, 10)} ${author}: ${text}`;
}

function threeWay(difference: { added: readonly string[]; removed: readonly string[]; changed: readonly string[] }) {
  const { added, removed, changed } = difference;
  return [...lines('changed', changed), ...lines('added', added), ...lines('removed', removed)];
}

function lines(kind: LineKind, texts: readonly string[]): DifferenceLine[] {
  return texts.map((text) => line(kind, text));
}

function line(kind: LineKind, text: string): DifferenceLine {
  return { kind, text, notes: [] };
}
