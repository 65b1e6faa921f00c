// Progress for programs: each event is one line of JSON on stderr, as `lib/events.ts` defines it.

import type { SlipwayEvent } from '../../lib/events.ts';

export function jsonLine(event: SlipwayEvent): string {
  return JSON.stringify(event);
}
