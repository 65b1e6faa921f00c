// A job that never ends, told from the console: systemd draws twice a second what it waits for, and how long it has. Pure.

/** `[ ***  ] (1 of 2) Job a.service/start running (12s / 1min 30s)`; a long line has … in the middle. */
export const animationLine = /^\[[ *]+\] (?:\(\d+ of \d+\) )?Job (\S+?)(?:\/\w+|…\S*) running \((.*) \/ (.*)\)$/;

/** The unit whose job has run for longer than the limit and has none of its own; null for any other line. */
export function stuckUnit(line: string, limitSeconds: number): string | null {
  const [, unit, elapsed, limit] = animationLine.exec(line) ?? [];
  return limit === 'no limit' && secondsOf(elapsed!) >= limitSeconds ? unit! : null;
}

/** The whole name of a unit of which a narrow line shows only the beginning. */
export function wholeName(shown: string, lines: readonly string[]): string {
  const whole = lines.map((line) => /Job (\S+)\/\w+ running/.exec(line)?.[1]).find((name) => name?.startsWith(shown));
  return whole ?? shown;
}

const unitSeconds: Readonly<Record<string, number>> = { d: 86_400, h: 3600, min: 60, s: 1 };

// systemd.time(7): `2min 5s`.
function secondsOf(words: string): number {
  const parts = [...words.matchAll(/(\d+)(d|h|min|s)\b/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitSeconds[unit!]!, 0);
}
