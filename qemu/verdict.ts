// The guest's verdict on its boot: an event on a virtio-serial port, JSON lines written by guest/verdict.sh.

import type { Duplex } from 'node:stream';

export const verdictPort = 'org.slipway.verdict';

export interface FailedUnit {
  readonly unit: string;
  readonly description: string;
}

/** Milliseconds of each part of a boot; null where it does not exist or cannot be told. */
export interface BootTimes {
  readonly firmware: number | null;
  readonly loader: number | null;
  readonly kernel: number | null;
  readonly initrd: number | null;
  readonly userspace: number | null;
  /** Power-on (or reset) to the end of the boot. */
  readonly total: number | null;
}

export interface JournalEntry {
  /** Microseconds since the kernel started. */
  readonly monotonicUs: number;
  /** 0 (emergency) to 7 (debug), as syslog(3). */
  readonly priority: number;
  readonly identifier: string;
  readonly pid: string;
  readonly unit: string;
  readonly message: string;
}

export interface GuestVerdict {
  readonly bootId: string;
  /** As `systemctl is-system-running` says: `running` is the only good one. */
  readonly state: string;
  readonly failedUnits: readonly FailedUnit[];
  /** Host clock (performance.now) at the kernel's start, from the guest's uptime when its first line came. */
  readonly kernelStartedAtMs: number;
  /** Microseconds since the kernel's start by systemd's name, e.g. `UserspaceTimestampMonotonic`. */
  readonly timestampsUs: ReadonlyMap<string, number>;
  readonly journal: readonly JournalEntry[];
  readonly facts: GuestFacts;
}

/** The state of the guest at the end of the boot. */
export interface GuestFacts {
  /** Units whose jobs were still there when the boot was over. */
  readonly leftJobs: readonly string[];
  /** Bits of /proc/sys/kernel/tainted. */
  readonly tainted: number;
  /** As /proc/net/tcp, tcp6, udp and udp6 have them. */
  readonly sockets: readonly { readonly protocol: string; readonly local: string }[];
  /** Guest's clock minus ours; null when it said none. */
  readonly clockAheadSeconds: number | null;
}

export interface VerdictPort {
  /** Verdicts of all boots of this machine so far. */
  readonly verdicts: readonly GuestVerdict[];
  /** Boot id of the boot that has reached its verdict unit, '' before the first. */
  startedBootId(): string;
  /** Names of the units that the boot last said to wait for. */
  waitingFor(): readonly string[];
  /** The first verdict of a boot that is not among the first `known`; rejects only when the signal fires. */
  next(known: number, signal: AbortSignal): Promise<GuestVerdict>;
}

type GuestMessage =
  | { readonly type: 'started'; readonly bootId: string; readonly uptimeSeconds: number }
  | { readonly type: 'waiting'; readonly jobs: readonly { readonly unit: string; readonly state: string }[] }
  | { readonly type: 'time'; readonly name: string; readonly microseconds: number }
  | { readonly type: 'state'; readonly state: string; readonly failed: readonly FailedUnit[] }
  | { readonly type: 'left'; readonly jobs: readonly { readonly unit: string }[] }
  | { readonly type: 'kernel'; readonly tainted: number }
  | { readonly type: 'socket'; readonly protocol: string; readonly local: string }
  | { readonly type: 'clock'; readonly epochSeconds: number }
  | { readonly type: 'end' }
  | { readonly type?: undefined; readonly __MONOTONIC_TIMESTAMP: string; readonly [field: string]: unknown };

type Draft = { -readonly [Key in keyof GuestVerdict]: GuestVerdict[Key] } & {
  failedUnits: FailedUnit[];
  timestampsUs: Map<string, number>;
  journal: JournalEntry[];
  facts: {
    leftJobs: string[];
    tainted: number;
    sockets: GuestFacts['sockets'][number][];
    clockAheadSeconds: number | null;
  };
};

/** Listens on the port. Lines that are not whole JSON (cut by a reset) are passed over: the next boot starts a new record. */
export function listenForVerdicts(
  stream: Duplex,
  now: () => number = () => performance.now(),
  wallClock: () => number = Date.now,
): VerdictPort {
  const verdicts: GuestVerdict[] = [];
  const waiters = new Set<() => void>();
  let draft: Draft | undefined;
  let waitingFor: readonly string[] = [];
  let rest = '';

  const receive = (message: GuestMessage): void => {
    if (message.type === 'started') {
      waitingFor = [];
      draft = {
        bootId: message.bootId,
        state: '',
        failedUnits: [],
        kernelStartedAtMs: now() - message.uptimeSeconds * 1000,
        timestampsUs: new Map(),
        journal: [],
        facts: { leftJobs: [], tainted: 0, sockets: [], clockAheadSeconds: null },
      };
      return;
    }
    if (draft === undefined) return;
    switch (message.type) {
      case 'waiting':
        waitingFor = message.jobs.filter((job) => job.state === 'running').map((job) => job.unit);
        return;
      case 'time':
        draft.timestampsUs.set(message.name, message.microseconds);
        return;
      case 'state':
        draft.state = message.state;
        draft.failedUnits = message.failed.map(({ unit, description }) => ({ unit, description }));
        return;
      case 'left':
        draft.facts.leftJobs.push(...message.jobs.map((job) => job.unit));
        return;
      case 'kernel':
        draft.facts.tainted = message.tainted;
        return;
      case 'socket':
        draft.facts.sockets.push({ protocol: message.protocol, local: message.local });
        return;
      case 'clock':
        draft.facts.clockAheadSeconds = message.epochSeconds - Math.floor(wallClock() / 1000);
        return;
      case 'end':
        verdicts.push(draft);
        for (const wake of waiters) wake();
        return;
      case undefined:
        draft.journal.push(journalEntry(message));
    }
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const message = parseMessage(line);
      if (message !== undefined) receive(message);
    }
  });

  return {
    verdicts,
    startedBootId: () => draft?.bootId ?? '',
    waitingFor: () => waitingFor,
    next: (known, signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          waiters.delete(look);
          reject(signal.reason);
        };
        const look = (): void => {
          const verdict = verdicts[known];
          if (verdict === undefined) return;
          waiters.delete(look);
          signal.removeEventListener('abort', stop);
          resolve(verdict);
        };
        if (signal.aborted) return reject(signal.reason);
        signal.addEventListener('abort', stop, { once: true });
        waiters.add(look);
        look();
      }),
  };
}

/**
 * Splits the time from power-on to the end of the boot. systemd's own firmware and loader times exist only with a boot loader that
 * measures, so these come from the host: power-on, the loader's first words on the console, the kernel's start.
 * @param poweredOnAtMs host clock at power-on or reset
 * @param loaderAtMs milliseconds from power-on to the boot loader's first line; null when it said nothing
 */
export function bootTimes(verdict: GuestVerdict, poweredOnAtMs: number, loaderAtMs: number | null): BootTimes {
  const at = (name: string): number => verdict.timestampsUs.get(name) ?? 0;
  const initrd = at('InitRDTimestampMonotonic');
  const userspace = at('UserspaceTimestampMonotonic');
  const finish = at('FinishTimestampMonotonic');
  const beforeKernelMs = Math.max(0, Math.round(verdict.kernelStartedAtMs - poweredOnAtMs));
  const between = (from: number, to: number): number | null => (to > from ? Math.round((to - from) / 1000) : null);
  const firmware = loaderAtMs === null ? null : Math.min(Math.round(loaderAtMs), beforeKernelMs);
  return {
    firmware: firmware ?? beforeKernelMs,
    loader: firmware === null ? null : beforeKernelMs - firmware,
    kernel: between(0, initrd === 0 ? userspace : initrd),
    initrd: initrd === 0 ? null : between(initrd, userspace),
    userspace: between(userspace, finish),
    total: finish === 0 ? null : beforeKernelMs + Math.round(finish / 1000),
  };
}

/** One line of journal.txt: `[    5.123456] sshd[812]: message`. */
export function formatJournalEntry(entry: JournalEntry): string {
  const seconds = (entry.monotonicUs / 1_000_000).toFixed(6).padStart(12);
  return `[${seconds}] ${entry.identifier}${entry.pid === '' ? '' : `[${entry.pid}]`}: ${entry.message}`;
}

function parseMessage(line: string): GuestMessage | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? (parsed as GuestMessage) : undefined;
  } catch {
    return undefined;
  }
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
