// The lines that guest/verdict.sh writes -> one boot's verdict, line by line. Pure.

import type { FailedUnit, GuestVerdict, JournalEntry, LeftJob, Place, UnitTime } from './verdict.ts';

/** A line of the guest: JSON, or `Name=value` as `systemctl show` writes the properties of units; `Job=UNIT TYPE STATE` is of the same form. */
export type GuestMessage =
  | { readonly type: 'started'; readonly bootId: string; readonly uptimeSeconds: number }
  /** The jobs of this moment follow. */
  | { readonly type: 'jobs' }
  | { readonly type: 'time'; readonly name: string; readonly microseconds: number }
  | { readonly type: 'state'; readonly state: string; readonly failed: readonly FailedUnit[] }
  | { readonly type: 'kernel'; readonly tainted: number }
  | { readonly type: 'socket'; readonly protocol: string; readonly local: string }
  | ({ readonly type: 'place'; readonly freeKiB: number } & Omit<Place, 'freeMiB'>)
  | { readonly type: 'clock'; readonly epochSeconds: number }
  | { readonly type: 'property'; readonly name: string; readonly value: string }
  | { readonly type: 'end' }
  | { readonly type?: undefined; readonly __MONOTONIC_TIMESTAMP: string; readonly [field: string]: unknown };

/** What one boot has said so far. */
export interface VerdictDraft {
  take(message: GuestMessage): void;
  /** As last told. */
  readonly jobs: readonly LeftJob[];
  readonly verdict: GuestVerdict;
}

/** undefined for a line that is not whole (cut by a reset). */
export function parseMessage(line: string): GuestMessage | undefined {
  const property = /^(\w+)=(.*)$/.exec(line);
  if (property !== null) return { type: 'property', name: property[1]!, value: property[2]! };
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? (parsed as GuestMessage) : undefined;
  } catch {
    return undefined;
  }
}

/** @param wallClockMs our own clock when the guest tells its */
export function startDraft(bootId: string, kernelStartedAtMs: number, wallClockMs: () => number): VerdictDraft {
  const timestampsUs = new Map<string, number>();
  const journal: JournalEntry[] = [];
  const sockets: GuestVerdict['facts']['sockets'][number][] = [];
  const places: Place[] = [];
  const units: { name: string; properties: Map<string, string> }[] = [];
  let state = '';
  let failedUnits: FailedUnit[] = [];
  let jobs: LeftJob[] = [];
  let unknownArguments: string[] = [];
  let tainted = 0;
  let clockAheadSeconds: number | null = null;

  const take = (message: GuestMessage): void => {
    switch (message.type) {
      case 'started':
      case 'end':
        return;
      case 'jobs':
        jobs = [];
        return;
      case 'time':
        timestampsUs.set(message.name, message.microseconds);
        return;
      case 'state':
        state = message.state;
        failedUnits = message.failed.map(({ unit, description }) => ({ unit, description }));
        return;
      case 'kernel':
        tainted = message.tainted;
        return;
      case 'socket':
        sockets.push({ protocol: message.protocol, local: message.local });
        return;
      case 'place':
        places.push(placeOf(message));
        return;
      case 'clock':
        clockAheadSeconds = message.epochSeconds - Math.floor(wallClockMs() / 1000);
        return;
      case 'property': {
        if (message.name === 'Job') {
          const [unit = '', type = '', jobState = ''] = message.value.split(' ');
          jobs.push({ unit, type, state: jobState });
          return;
        }
        if (message.name === 'Id') units.push({ name: message.value, properties: new Map() });
        units.at(-1)?.properties.set(message.name, message.value);
        return;
      }
      case undefined: {
        const entry = journalEntry(message);
        journal.push(entry);
        if (entry.identifier === 'kernel') unknownArguments = unknownKernelArguments(entry.message) ?? unknownArguments;
      }
    }
  };
  return {
    take,
    get jobs(): readonly LeftJob[] {
      return jobs;
    },
    get verdict(): GuestVerdict {
      return {
        bootId,
        state,
        failedUnits,
        kernelStartedAtMs,
        timestampsUs,
        units: units.map(unitTime).filter(({ startedAtUs }) => startedAtUs > 0),
        journal,
        facts: { leftJobs: jobs, tainted, sockets, clockAheadSeconds, places, unknownArguments },
      };
    },
  };
}

// The state's times, as org.freedesktop.systemd1(5) has them: it leaves "inactive", enters "active", or enters "inactive" again.
function unitTime({ name, properties }: { name: string; properties: ReadonlyMap<string, string> }): UnitTime {
  const at = (property: string): number => Number(properties.get(`${property}TimestampMonotonic`) ?? '0');
  const startedAtUs = at('InactiveExit');
  const ends = [at('ActiveEnter'), at('InactiveEnter')].filter((endUs) => endUs >= startedAtUs);
  return { unit: name, startedAtUs, readyAtUs: ends[0] ?? 0 };
}

function placeOf({ path, device, writable, freeKiB }: Extract<GuestMessage, { readonly type: 'place' }>): Place {
  return { path, device, writable, freeMiB: Math.floor(freeKiB / 1024) };
}

// The kernel names in one line all that it does not know itself and hands to PID 1 (init/main.c, print_unknown_bootoptions()). Names with a
// dot are not among them: these belong to modules, systemd and dracut.
function unknownKernelArguments(message: string): string[] | undefined {
  return /^Unknown kernel command line parameters "(.*)", will be passed to user space/.exec(message)?.[1]?.split(' ');
}

// systemd writes a field as a string, as an array of bytes when it is not UTF-8, or leaves it out (systemd's JOURNAL_EXPORT_FORMATS).
function journalEntry(fields: Readonly<Record<string, unknown>>): JournalEntry {
  const text = (name: string): string => {
    const value = fields[name];
    if (Array.isArray(value)) return Buffer.from(value as number[]).toString('utf8');
    return typeof value === 'string' ? value : '';
  };
  return {
    monotonicUs: Number(text('__MONOTONIC_TIMESTAMP')),
    priority: Number(text('PRIORITY') || '6'),
    identifier: text('SYSLOG_IDENTIFIER') || (text('_TRANSPORT') === 'kernel' ? 'kernel' : 'unknown'),
    pid: text('_PID'),
    unit: text('_SYSTEMD_UNIT'),
    message: text('MESSAGE'),
  };
}
