// Chooses how progress is shown. All of it goes to stderr: stdout belongs to the result.

import type { Events } from '../../lib/events.ts';
import type { GlobalOptions } from '../global-options.ts';
import { jsonLine } from './json.ts';
import { LiveView } from './live.ts';
import { plainLines } from './plain.ts';

export interface View {
  /** Clears what is not final. Safe to call twice. */
  stop(): void;
}

export function startView(events: Events, options: GlobalOptions): View {
  const stream = process.stderr;
  const color = usesColor(options.color);
  const kind = viewKind(options, stream.isTTY === true);
  if (kind === 'live') {
    const view = new LiveView(stream, { color, debug: options.debug });
    events.listen((event) => view.show(event));
    return view;
  }
  const format = kind === 'json' ? jsonLine : plainLines({ color, debug: options.debug, steps: kind === 'plain' });
  events.listen((event) => {
    const text = format(event);
    if (text !== '') stream.write(`${text}\n`);
  });
  return { stop: () => {} };
}

/** Whether stderr gets colours: as `--color` or `--no-color` says, else on a terminal unless NO_COLOR (no-color.org) is set and not empty. */
export function usesColor(
  asked: boolean | undefined,
  isTerminal = process.stderr.isTTY === true,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  return asked ?? (isTerminal && (environment.NO_COLOR ?? '') === '');
}

/** `auto` is a live view on a terminal and plain lines elsewhere; `--quiet` leaves warnings only. */
export function viewKind(
  options: Pick<GlobalOptions, 'progress' | 'quiet'>,
  isTerminal: boolean,
): 'live' | 'plain' | 'json' | 'none' {
  if (options.quiet) return 'none';
  if (options.progress !== 'auto') return options.progress;
  return isTerminal ? 'live' : 'plain';
}
