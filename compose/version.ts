// The version of a commit, counted up from the one before as automatic-version-prefix asks; the rules are rpm-ostree's.

import { UserError } from '../lib/errors.ts';

/**
 * The next version.
 *
 *     22                 -> 22, 22.1, 22.2
 *     22.<date:%Y>       -> 22.2026.0, 22.2026.1
 *
 * @param prefix may hold one `<date:FORMAT>` in the terms of strftime(3), filled with the time in UTC
 * @param suffix stands between prefix and counter
 * @param previous version of the commit before, or null
 * @param time seconds since 1970
 */
export function nextVersion(prefix: string, suffix: string, previous: string | null, time: number): string {
  const dated = /<date:([^>]*)>/.exec(prefix);
  const start = dated === null ? prefix : prefix.replace(dated[0], formatDate(dated[1] ?? '', new Date(time * 1000)));
  const counter = previous === null ? null : counterOf(previous, start, suffix);
  if (counter !== null) return `${start}${suffix}${counter + 1}`;
  if (dated !== null) return `${start}${suffix}0`;
  return previous === start ? `${start}${suffix}1` : start;
}

// Text behind the number does not count.
function counterOf(previous: string, start: string, suffix: string): number | null {
  if (!previous.startsWith(`${start}${suffix}`)) return null;
  const digits = /^\d+/.exec(previous.slice(start.length + suffix.length))?.[0];
  return digits === undefined ? null : Number(digits);
}

function formatDate(format: string, date: Date): string {
  const pad = (value: number, length = 2): string => String(value).padStart(length, '0');
  const parts: Readonly<Record<string, string>> = {
    Y: String(date.getUTCFullYear()),
    y: pad(date.getUTCFullYear() % 100),
    m: pad(date.getUTCMonth() + 1),
    d: pad(date.getUTCDate()),
    j: pad(Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1, 3),
    H: pad(date.getUTCHours()),
    M: pad(date.getUTCMinutes()),
    S: pad(date.getUTCSeconds()),
    s: String(Math.floor(date.getTime() / 1000)),
    '%': '%',
  };
  return format.replaceAll(/%(.)/gs, (written, letter: string) => {
    const part = parts[letter];
    if (part === undefined) {
      throw new UserError(
        'version-date',
        `automatic-version-prefix uses ${written} in its date, which Slipway does not know`,
        {
          hint: `known are ${Object.keys(parts)
            .map((name) => `%${name}`)
            .join(' ')}`,
        },
      );
    }
    return part;
  });
}
