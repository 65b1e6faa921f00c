// The difference of two commits for people: as text, or as one HTML page that needs nothing else.

import type { CommitDifference, ComparedCommit } from '../../compose/difference/difference.ts';
import { type LineKind, sectionsOf } from '../../compose/difference/sections.ts';
import { formatBytes, formatTime } from '../format.ts';

const signs: Readonly<Record<LineKind, string>> = { added: '+', removed: '-', changed: '~' };

/** More files than this in a list are counted, not named; `--format json` and `html` name them all. */
const maximumLines = 100;

export function formatDifference(difference: CommitDifference): string {
  const { before, after } = difference;
  const sections = sectionsOf(difference, formatBytes).flatMap(({ title, lines }) => [
    '',
    `${title} (${lines.length})`,
    ...lines.slice(0, maximumLines).flatMap(({ kind, text, notes }) => [
      `  ${signs[kind]} ${text}`,
      ...notes.flatMap((note) =>
        note
          .trimEnd()
          .split('\n')
          .map((line) => `      ${line}`),
      ),
    ]),
    ...(lines.length > maximumLines ? [`  … and ${lines.length - maximumLines} more`] : []),
  ]);
  return [
    `from ${headline(before)}`,
    `to   ${headline(after)}`,
    sizeLine(before, after),
    ...(sections.length === 0 ? ['', 'The trees are the same'] : sections),
  ].join('\n');
}

export function formatDifferenceHtml(difference: CommitDifference): string {
  const { before, after } = difference;
  const title = `Update ${before.version ?? before.checksum.slice(0, 12)} → ${after.version ?? after.checksum.slice(0, 12)}`;
  const sections = sectionsOf(difference, formatBytes).map(({ title: heading, lines }) => {
    const open = lines.length > maximumLines ? '' : ' open';
    const items = lines.map(({ kind, text, notes }) => {
      const log = notes.length === 0 ? '' : `<pre>${escapeHtml(notes.join('\n\n'))}</pre>`;
      return `<li class="${kind}">${escapeHtml(text)}${log}</li>`;
    });
    return `<details${open}><summary>${escapeHtml(heading)} (${lines.length})</summary>\n<ul>\n${items.join('\n')}\n</ul></details>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>from ${escapeHtml(headline(before))}<br>to ${escapeHtml(headline(after))}<br>${escapeHtml(sizeLine(before, after))}</p>
${sections.length === 0 ? '<p>The trees are the same.</p>' : sections.join('\n')}
</body>
</html>`;
}

const style = `
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
summary { font-weight: 600; cursor: pointer; margin: 1rem 0 0.3rem; }
ul { list-style: none; padding: 0; margin: 0; }
li { font-family: ui-monospace, monospace; padding: 0.1rem 0 0.1rem 1.6rem; text-indent: -1.2rem; overflow-wrap: anywhere; }
li::before { display: inline-block; width: 1.2rem; text-indent: 0; }
.added::before { content: "+"; color: #1a7f37; }
.removed::before { content: "−"; color: #cf222e; }
.changed::before { content: "~"; color: #9a6700; }
pre { white-space: pre-wrap; text-indent: 0; margin: 0.2rem 0 0.6rem; opacity: 0.8; font-size: 0.85em; }
`;

function headline({ checksum, version, timestamp }: ComparedCommit): string {
  return `${checksum}${version === null ? '' : `, version ${version}`}, ${formatTime(timestamp)}`;
}

function sizeLine(before: ComparedCommit, after: ComparedCommit): string {
  const change = after.size - before.size;
  const sign = change < 0 ? '-' : '+';
  const count = (commit: ComparedCommit): string => `${commit.packages} packages, ${commit.files} files`;
  return `${count(before)}, ${formatBytes(before.size)} -> ${count(after)}, ${formatBytes(after.size)} (${sign}${formatBytes(Math.abs(change))})`;
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character]!);
}
