// Progress for log files: one line when an outer step begins and one when any step ends.

import { styleText } from 'node:util';
import type { SlipwayEvent } from '../../lib/events.ts';
import { formatDuration } from '../format.ts';
import { printable } from '../printable.ts';

export interface LineOptions {
  readonly color: boolean;
  /** Show started programs and what scriptlets say. */
  readonly debug: boolean;
  /** False leaves warnings (and programs at --debug) only. */
  readonly steps: boolean;
}

/** A function that gives the text for each event, without a final newline; empty when nothing is to be printed. */
export function plainLines(options: LineOptions): (event: SlipwayEvent) => string {
  const depths = new Map<number, number>();
  return (event) => {
    switch (event.type) {
      case 'step-start': {
        const depth = event.parent === null ? 0 : (depths.get(event.parent) ?? -1) + 1;
        depths.set(event.id, depth);
        return options.steps && depth === 0 ? `${printable(event.title)} …` : '';
      }
      case 'step-end': {
        const depth = depths.get(event.id) ?? 0;
        depths.delete(event.id);
        return options.steps ? `${'  '.repeat(depth)}${formatStepEnd(event, options)}` : '';
      }
      case 'progress':
        return '';
      case 'info':
        return options.steps ? printable(event.message) : '';
      case 'warning':
        return `${paint('yellow', 'warning:', options)} ${printable(event.message)}`;
      case 'debug':
        return options.debug ? printable(event.message) : '';
      case 'command':
        return options.debug ? paint('dim', `+ ${printable(event.command)}`, options) : '';
    }
  };
}

/** `✓ Import packages (1.2 s): 216 packages`; a result from a cache has `=`, a failure `✗`. */
export function formatStepEnd(
  event: Extract<SlipwayEvent, { type: 'step-end' }>,
  options: Pick<LineOptions, 'color'>,
): string {
  const mark = {
    done: paint('green', '✓', options),
    reused: paint('cyan', '=', options),
    failed: paint('red', '✗', options),
  }[event.outcome];
  const time = paint('dim', `(${formatDuration(event.durationMs)})`, options);
  const reused = event.outcome === 'reused' && event.detail === undefined ? ': unchanged' : '';
  const detail = event.detail === undefined ? reused : `: ${event.detail}`;
  return `${mark} ${printable(event.title)} ${time}${printable(detail)}`;
}

function paint(style: 'red' | 'green' | 'yellow' | 'cyan' | 'dim', text: string, options: { color: boolean }): string {
  return options.color ? styleText(style, text, { validateStream: false }) : text;
}
