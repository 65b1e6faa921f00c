// The guest's verdict on its boot: an event on a virtio-serial port, JSON lines written by guest/verdict.sh.

import type { Duplex } from 'node:stream';
import { type GuestMessage, parseMessage, startDraft, type VerdictDraft } from './verdict-messages.ts';

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
  /** Units that were started, in no order. */
  readonly units: readonly UnitTime[];
  readonly journal: readonly JournalEntry[];
  readonly facts: GuestFacts;
}

/** Microseconds since the kernel's start. */
export interface UnitTime {
  readonly unit: string;
  readonly startedAtUs: number;
  /** Active, or done without having been active (a service of type oneshot); 0 when it is still starting. */
  readonly readyAtUs: number;
}

/** A job of systemd's, as `systemctl list-jobs` shows it: one that is `waiting` waits for others. */
export interface LeftJob {
  readonly unit: string;
  /** E.g. `start`. */
  readonly type: string;
  readonly state: string;
}

/** A folder that a host writes to. */
export interface Place {
  readonly path: string;
  /** As df(1) names the file system that it lies on. */
  readonly device: string;
  readonly writable: boolean;
  /** For programs that are not root's. */
  readonly freeMiB: number;
}

/** The state of the guest at the end of the boot. */
export interface GuestFacts {
  /** Jobs that were still there when the boot was over, or when it did not move any more. */
  readonly leftJobs: readonly LeftJob[];
  /** Bits of /proc/sys/kernel/tainted. */
  readonly tainted: number;
  /** As /proc/net/tcp, tcp6, udp and udp6 have them. */
  readonly sockets: readonly { readonly protocol: string; readonly local: string }[];
  /** Guest's clock minus ours; null when it said none. */
  readonly clockAheadSeconds: number | null;
  /** /boot, /etc and /var. */
  readonly places: readonly Place[];
  /** Arguments that the kernel did not know. */
  readonly unknownArguments: readonly string[];
}

export interface VerdictPort {
  /** Verdicts of all boots of this machine so far, one for each boot id. */
  readonly verdicts: readonly GuestVerdict[];
  /** Boot id of the boot that has reached its verdict unit, '' before the first. */
  startedBootId(): string;
  /** Our clock (performance.now) when a verdict unit last started; 0 before the first. */
  startedAtMs(): number;
  /** Names of the units that the boot last said to wait for. */
  waitingFor(): readonly string[];
  /** The first verdict of a boot that is not among the first `known`; rejects only when the signal fires. */
  next(known: number, signal: AbortSignal): Promise<GuestVerdict>;
}

/** Listens on the port. Lines that are not whole JSON (cut by a reset) are passed over: the next boot starts a new record. */
export function listenForVerdicts(
  stream: Duplex,
  now: () => number = () => performance.now(),
  wallClock: () => number = Date.now,
): VerdictPort {
  const verdicts: GuestVerdict[] = [];
  const waiters = new Set<() => void>();
  let draft: VerdictDraft | undefined;
  let startedAtMs = 0;
  let startedBootId = '';
  let rest = '';

  const receive = (message: GuestMessage): void => {
    if (message.type === 'started') {
      startedAtMs = now();
      startedBootId = message.bootId;
      draft = startDraft(message.bootId, startedAtMs - message.uptimeSeconds * 1000, wallClock);
      return;
    }
    draft?.take(message);
    if (message.type !== 'end' || draft === undefined) return;
    const { verdict } = draft;
    // A verdict unit that is restarted says the same boot again: whoever waits for the next boot still waits.
    if (verdicts.some(({ bootId }) => bootId === verdict.bootId)) return;
    verdicts.push(verdict);
    for (const wake of waiters) wake();
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
    startedBootId: () => startedBootId,
    startedAtMs: () => startedAtMs,
    waitingFor: () => runningJobs(draft?.jobs ?? []).map(({ unit }) => unit),
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

/** Those that are not waiting for others. */
export function runningJobs(jobs: readonly LeftJob[]): LeftJob[] {
  return jobs.filter(({ state }) => state === 'running');
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

/** The lines of a journal.txt. */
export function formatJournal(journal: readonly JournalEntry[]): string {
  return journal.map((entry) => `${formatJournalEntry(entry)}\n`).join('');
}

/** One line of journal.txt: `[    5.123456] sshd[812]: message`. */
export function formatJournalEntry(entry: JournalEntry): string {
  const seconds = (entry.monotonicUs / 1_000_000).toFixed(6).padStart(12);
  return `[${seconds}] ${entry.identifier}${entry.pid === '' ? '' : `[${entry.pid}]`}: ${entry.message}`;
}
