// Progress on a terminal: finished steps scroll by, the running ones stand below with their time and a bar.

import type { SlipwayEvent } from '../../lib/events.ts';
import { formatBytes, formatDuration } from '../format.ts';
import { plainLines } from './plain.ts';

interface RunningStep {
  readonly title: string;
  readonly depth: number;
  readonly startedAt: number;
  progress?: Extract<SlipwayEvent, { type: 'progress' }>;
}

const redrawIntervalMs = 100;
const barWidth = 20;

export class LiveView {
  readonly #stream: NodeJS.WriteStream;
  readonly #format: (event: SlipwayEvent) => string;
  readonly #running = new Map<number, RunningStep>();
  #drawnLines = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: NodeJS.WriteStream, options: { color: boolean; debug: boolean }) {
    this.#stream = stream;
    this.#format = plainLines({ ...options, steps: true });
  }

  show(event: SlipwayEvent): void {
    const text = this.#format(event);
    if (event.type === 'step-start') {
      const depth = event.parent === null ? 0 : (this.#running.get(event.parent)?.depth ?? -1) + 1;
      this.#running.set(event.id, { title: event.title, depth, startedAt: performance.now() });
      this.#timer ??= setInterval(() => this.#draw(''), redrawIntervalMs).unref();
      return;
    }
    if (event.type === 'progress') {
      const step = this.#running.get(event.id);
      if (step !== undefined) step.progress = event;
      return;
    }
    if (event.type === 'step-end') this.#running.delete(event.id);
    if (text !== '') this.#draw(`${text}\n`);
    if (this.#running.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#running.clear();
    this.#draw('');
  }

  // Erases the region below, writes what is final, and draws the region again, in one write so that it does not flicker.
  #draw(final: string): void {
    const erase = this.#drawnLines === 0 ? '' : `\u001b[${this.#drawnLines}A\u001b[J`;
    const width = this.#stream.columns ?? 80;
    const height = Math.max(1, (this.#stream.rows ?? 24) - 1);
    const lines = [...this.#running.values()]
      .map((step) => formatRunning(step, performance.now(), width))
      .slice(-height);
    this.#drawnLines = lines.length;
    const text = erase + final + lines.map((line) => `${line}\n`).join('');
    if (text !== '') this.#stream.write(text);
  }
}

/** One line of the region, cut to the width of the terminal. */
export function formatRunning(step: RunningStep, now: number, width: number): string {
  const time = formatDuration(Math.floor((now - step.startedAt) / 100) * 100);
  const parts = [`${'  '.repeat(step.depth)}· ${step.title}`, ...formatProgress(step.progress), time];
  const line = parts.join('  ');
  return line.length < width ? line : `${line.slice(0, width - 2)}…`;
}

function formatProgress(progress: RunningStep['progress']): string[] {
  if (progress === undefined) return [];
  const amount = (value: number): string => (progress.unit === 'bytes' ? formatBytes(value) : String(value));
  const unit = progress.unit === 'bytes' || progress.unit === 'items' ? '' : ` ${progress.unit}`;
  if (progress.total <= 0) return [`${amount(progress.done)}${unit}`];
  const filled = Math.round(Math.min(1, progress.done / progress.total) * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  return [bar, `${amount(progress.done)} of ${amount(progress.total)}${unit}`];
}
