// Each boot as one bar of its phases, drawn to one scale (SVG). Pure.

import { escapeXml } from '../../report-files.ts';
import type { BootTimes } from '../../verdict.ts';

export interface BootBar {
  readonly label: string;
  /** null when the boot was not complete. */
  readonly times: BootTimes | null;
}

export const phases = [
  ['firmware', '#8f9bb3'],
  ['loader', '#b08fd8'],
  ['kernel', '#e0a14a'],
  ['initrd', '#5fa8d3'],
  ['userspace', '#6cb97a'],
] as const satisfies readonly (readonly [keyof BootTimes, string])[];

const width = 720;
const barHeight = 22;
const rowHeight = 48;

/** '' when no boot was complete. */
export function bootChart(boots: readonly BootBar[]): string {
  const rows = boots.flatMap(({ label, times }) => (times === null ? [] : [{ label, times }]));
  const longest = Math.max(0, ...rows.map(({ times }) => sumOf(times)));
  if (longest === 0) return '';
  const height = rows.length * rowHeight + 24;
  const bars = rows.map(({ label, times }, index) => bar(label, times, index * rowHeight, width / longest));
  const legend = phases.map(
    ([name, color], index) =>
      `<rect x="${index * 110}" y="${height - 14}" width="10" height="10" fill="${color}"/><text x="${index * 110 + 15}" y="${height - 5}">${name}</text>`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Boot times">${bars.join('')}${legend.join('')}</svg>`;
}

function bar(label: string, times: BootTimes, top: number, pixelsPerMs: number): string {
  let x = 0;
  const parts = phases.map(([name, color]) => {
    const ms = times[name] ?? 0;
    const left = x;
    x += ms * pixelsPerMs;
    const title = `${name}: ${(ms / 1000).toFixed(2)} s`;
    return `<rect x="${left.toFixed(1)}" y="${top + 18}" width="${(x - left).toFixed(1)}" height="${barHeight}" fill="${color}"><title>${title}</title></rect>`;
  });
  const sum = `${label}: ${(sumOf(times) / 1000).toFixed(1)} s`;
  return `<text x="0" y="${top + 12}">${escapeXml(sum)}</text>${parts.join('')}`;
}

function sumOf(times: BootTimes): number {
  return phases.reduce((sum, [name]) => sum + (times[name] ?? 0), 0);
}
