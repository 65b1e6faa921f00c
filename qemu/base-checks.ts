// The base checks on every machine besides console and journal: jobs that are left, taints, kernel arguments, open ports, the clock, what can
// be written and how much, and how long each phase took. Pure.

import { type BootTimes, type GuestFacts, type LeftJob, runningJobs } from './verdict.ts';

/** One thing that a boot is judged by. */
export interface BootCheck {
  readonly name: string;
  /** Why it failed; null when it passed. */
  readonly failure: string | null;
}

/** What is allowed; a file that says it is read by qemu/boot-policy.ts. */
export interface BootPolicy {
  /** Ports that may be open to the network, as `tcp/22`. */
  readonly listeners: readonly string[];
  /** Letters of taints that the kernel may have, e.g. `OE` for unsigned modules from outside. */
  readonly taints: string;
  /** Most milliseconds for a phase. */
  readonly budgetsMs: Readonly<Partial<Record<keyof BootTimes, number>>>;
  readonly clockToleranceSeconds: number;
  /** Least free space of /boot, /etc and /var. */
  readonly leastFreeMiB: number;
  /** Names of kernel arguments that the kernel does not know and programs read. */
  readonly kernelArguments: readonly string[];
  /** Whether the host must answer on its ssh port. */
  readonly ssh: boolean;
  /** A boot hangs when no job came or went for this long. */
  readonly stuckAfterSeconds: number;
}

/** ssh, DHCP clients and the name resolution on the local link of systemd-resolved, and nothing else. */
export const strictPolicy: BootPolicy = {
  listeners: ['tcp/22', 'udp/68', 'udp/546', 'tcp/5355', 'udp/5355', 'udp/5353'],
  taints: '',
  budgetsMs: {},
  // The guest's words may wait for a busy host; certificates and logs mind minutes.
  clockToleranceSeconds: 60,
  // Another kernel with its initramfs, which an upgrade writes.
  leastFreeMiB: 64,
  // ostree(1), GRUB, Plymouth and dracut.cmdline(7).
  kernelArguments: ['ostree', 'BOOT_IMAGE', 'splash', 'rhgb', 'ip', 'ifname', 'nameserver', 'boot'],
  ssh: true,
  // Longer than systemd's own limit of 90 s: what has one ends by itself and is told as a failed unit.
  stuckAfterSeconds: 120,
};

export function baseChecks(facts: GuestFacts, times: BootTimes | null, policy: BootPolicy): BootCheck[] {
  return [
    { name: 'no job is stuck', failure: joined(stuckJobs(facts.leftJobs)) },
    { name: 'the kernel is not tainted', failure: taintFailure(facts.tainted, policy.taints) },
    {
      name: 'every kernel argument is known',
      failure: joined(unknownArguments(facts.unknownArguments, policy.kernelArguments)),
    },
    { name: 'only known ports are open', failure: joined(unknownListeners(facts.sockets, policy.listeners)) },
    { name: 'the clock is right', failure: clockFailure(facts.clockAheadSeconds, policy.clockToleranceSeconds) },
    { name: '/etc and /var can be written', failure: joined(readOnlyPlaces(facts.places)) },
    { name: 'there is room', failure: joined(fullPlaces(facts.places, policy.leastFreeMiB)) },
    ...(Object.keys(policy.budgetsMs).length === 0
      ? []
      : [{ name: 'each phase keeps its time', failure: joined(overBudget(times, policy.budgetsMs)) }]),
  ];
}

function joined(lines: readonly string[]): string | null {
  return lines.length === 0 ? null : lines.join('\n');
}

// Those that wait for a job that runs are only its shadow.
function stuckJobs(jobs: readonly LeftJob[]): string[] {
  const running = runningJobs(jobs);
  return (running.length === 0 ? jobs : running).map(({ unit, type, state }) => `${unit}: its ${type} job is ${state}`);
}

/** Letters by bit (the kernel's Documentation/admin-guide/tainted-kernels.rst) and what they mean. */
const taintNames: readonly (readonly [letter: string, meaning: string])[] = [
  ['P', 'a proprietary module'],
  ['F', 'a module loaded by force'],
  ['S', 'a processor out of specification'],
  ['R', 'a module unloaded by force'],
  ['M', 'a machine check'],
  ['B', 'a bad page'],
  ['U', 'a taint that a program asked for'],
  ['D', 'a kernel that has died'],
  ['A', 'an ACPI table that was overridden'],
  ['W', 'a kernel warning'],
  ['C', 'a staging driver'],
  ['I', 'a workaround for a firmware bug'],
  ['O', 'a module from outside the kernel'],
  ['E', 'an unsigned module'],
  ['L', 'a soft lockup'],
  ['K', 'a live patch'],
  ['X', 'a taint of the distribution'],
  ['T', 'a randomized structure layout'],
  ['N', 'a test of the kernel itself'],
];

/** Every letter that a policy may allow. */
export const taintLetters = taintNames.map(([letter]) => letter).join('');

function taintFailure(tainted: number, allowed: string): string | null {
  const found = taintNames.filter(([letter], bit) => (tainted & (1 << bit)) !== 0 && !allowed.includes(letter));
  const unnamed = tainted >>> taintNames.length;
  if (found.length === 0 && unnamed === 0) return null;
  const words = found.map(([letter, meaning]) => `${meaning} (${letter})`);
  return `tainted ${tainted}: ${[...words, ...(unnamed === 0 ? [] : ['unknown bits'])].join(', ')}`;
}

function unknownArguments(found: readonly string[], known: readonly string[]): string[] {
  const unknown = found.filter((argument) => !known.includes(argument.split('=', 1)[0]!));
  return unknown.map((argument) => `nobody knows the kernel argument ${argument}`);
}

function unknownListeners(sockets: GuestFacts['sockets'], allowed: readonly string[]): string[] {
  const open = sockets.flatMap(({ protocol, local }) => {
    const [address = '', port = ''] = local.split(':');
    return isLoopback(address) ? [] : [`${protocol.replace('6', '')}/${Number.parseInt(port, 16)}`];
  });
  return [...new Set(open)].filter((listener) => !allowed.includes(listener)).map((listener) => `${listener} is open`);
}

// /proc/net writes addresses as 32-bit words in the machine's byte order: 127.0.0.1 is 0100007F, ::1 ends in 01000000.
function isLoopback(address: string): boolean {
  if (address.length === 8) return address.endsWith('7F');
  return address === '00000000000000000000000001000000' || /^0{16}FFFF0000.{6}7F$/.test(address);
}

function clockFailure(aheadSeconds: number | null, tolerance: number): string | null {
  if (aheadSeconds === null || Math.abs(aheadSeconds) <= tolerance) return null;
  return `the guest's clock is ${Math.abs(aheadSeconds)} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'} the host's`;
}

// /boot may well be read-only: OSTree writes to it in a mount namespace of its own.
function readOnlyPlaces(places: GuestFacts['places']): string[] {
  return places.flatMap(({ path, writable }) => (writable || path === '/boot' ? [] : [`${path} is read-only`]));
}

function fullPlaces(places: GuestFacts['places'], leastMiB: number): string[] {
  const full = Map.groupBy(
    places.filter(({ freeMiB }) => freeMiB < leastMiB),
    ({ device }) => device,
  );
  return [...full].map(
    ([device, [first, ...others]]) =>
      `${first!.freeMiB} MiB are free on ${device} (${[first!, ...others].map(({ path }) => path).join(', ')}), ${leastMiB} MiB are needed`,
  );
}

function overBudget(times: BootTimes | null, budgets: BootPolicy['budgetsMs']): string[] {
  return Object.entries(budgets).flatMap(([phase, budget]) => {
    const spent = times?.[phase as keyof BootTimes] ?? 0;
    return spent > budget ? [`${phase} took ${seconds(spent)} s, allowed are ${seconds(budget)} s`] : [];
  });
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}
