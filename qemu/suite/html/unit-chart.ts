// The slowest units of one boot below its phases, as `systemd-analyze plot` draws them (SVG). Pure.

import { escapeXml } from '../../report-files.ts';
import { startDurationMs } from '../../unit-times.ts';
import type { BootTimes, UnitTime } from '../../verdict.ts';
import { phases } from './boot-chart.ts';
import { seconds } from './frame.ts';

const width = 720;
const headHeight = 20;
const rowHeight = 15;
const unitsShown = 40;
const unitColor = '#3d7a4c';
const startingColor = '#b3261e';

/** '' when the boot was not complete or told no units. The axis begins with the kernel. */
export function unitChart(times: BootTimes | null, units: readonly UnitTime[]): string {
  if (times === null || units.length === 0) return '';
  const ends = units.map(({ startedAtUs, readyAtUs }) => Math.max(startedAtUs, readyAtUs) / 1000);
  const bands = phaseBands(times);
  const endMs = Math.max(bands.at(-1)?.endMs ?? 0, ...ends);
  const pixels = (ms: number): number => (ms / endMs) * width;
  const shown = slowest(units, endMs);
  const height = headHeight + shown.length * rowHeight;
  const background = bands.map(
    ({ name, color, startMs, endMs: bandEndMs }) =>
      `<rect x="${pixels(startMs).toFixed(1)}" y="0" width="${pixels(bandEndMs - startMs).toFixed(1)}" height="${height}" fill="${color}" opacity="0.25"/><text x="${(pixels(startMs) + 3).toFixed(1)}" y="13">${name}</text>`,
  );
  const rows = shown.map((unit, index) => row(unit, headHeight + index * rowHeight, endMs, pixels));
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Slowest units">${background.join('')}${rows.join('')}</svg>`;
}

interface Band {
  readonly name: string;
  readonly color: string;
  readonly startMs: number;
  readonly endMs: number;
}

function phaseBands(times: BootTimes): Band[] {
  let startMs = 0;
  return phases
    .filter(([name]) => name !== 'firmware' && name !== 'loader')
    .map(([name, color]) => {
      const band = { name, color, startMs, endMs: startMs + (times[name] ?? 0) };
      startMs = band.endMs;
      return band;
    });
}

/** In the order in which they were started. */
function slowest(units: readonly UnitTime[], endMs: number): UnitTime[] {
  return units
    .toSorted((a, b) => durationMs(b, endMs) - durationMs(a, endMs))
    .slice(0, unitsShown)
    .sort((a, b) => a.startedAtUs - b.startedAtUs);
}

/** A unit that is still starting has taken all the time until the end. */
function durationMs(unit: UnitTime, endMs: number): number {
  return startDurationMs(unit) ?? endMs - unit.startedAtUs / 1000;
}

function row(unit: UnitTime, top: number, endMs: number, pixels: (ms: number) => number): string {
  const left = pixels(unit.startedAtUs / 1000);
  const took = durationMs(unit, endMs);
  const length = Math.max(1, pixels(took));
  const starting = unit.readyAtUs === 0;
  const label = escapeXml(`${unit.unit} ${starting ? 'still starting' : `${seconds(took)} s`}`);
  // A label that would not fit on the right ends before its bar.
  const [x, anchor] = left < width / 2 ? [left + length + 4, 'start'] : [left - 4, 'end'];
  const placed = left < width / 2 && left + length > width / 2 ? left + 4 : x;
  return `<rect x="${left.toFixed(1)}" y="${top + 2}" width="${length.toFixed(1)}" height="${rowHeight - 4}" fill="${starting ? startingColor : unitColor}"/><text x="${placed.toFixed(1)}" y="${top + 11}" text-anchor="${anchor}" font-size="10">${label}</text>`;
}
