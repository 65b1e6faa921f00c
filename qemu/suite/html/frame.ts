// What all HTML reports share: one file that loads nothing, with a filter for consoles and journals. Pure.

import { readFileSync } from 'node:fs';
import { escapeXml } from '../../report-files.ts';

const style = readFileSync(new URL('./page.css', import.meta.url), 'utf8');
const script = readFileSync(new URL('./page.js', import.meta.url), 'utf8');

/** Its words choose the lines of all consoles and journals of the page. */
export const lineFilter =
  '<p><input id="filter" type="search" placeholder="Show only lines with…" aria-label="Filter of consoles and journals"></p>';

/** @param title text @param body HTML, with `lineFilter` in it */
export function htmlFrame(title: string, passed: boolean, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1 class="${passed ? 'passed' : 'failed'}">${escapeXml(title)}</h1>
${body}
<script>${script}</script>
</body>
</html>
`;
}

/** A long text behind its title; '' when there is none. */
export function fold(title: string, text: string | undefined): string {
  if (text === undefined || text === '') return '';
  return `<details><summary>${escapeXml(title)}</summary><pre>${escapeXml(text)}</pre></details>`;
}

export function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

/** A picture that can be opened; nothing without one. */
export function picture(title: string, png: Buffer | undefined): string {
  if (png === undefined) return '';
  const name = escapeXml(title);
  return `<details><summary>${name}</summary><img alt="${name}" src="data:image/png;base64,${png.toString('base64')}"></details>`;
}
