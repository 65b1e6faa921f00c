// The measurements as a table for docs/benchmarks.md. Pure.

export interface Series {
  readonly name: string;
  /** One entry a run. */
  readonly seconds: readonly number[];
  /** Runs of what it is compared with; empty when there is no peer. */
  readonly peerSeconds: readonly number[];
  readonly peakNodeBytes: number;
  /** What the figure must stay under, in words. */
  readonly goal: string;
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly versions: readonly string[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function benchmarkPage(series: readonly Series[], machine: Machine): string {
  const rows = series.map((one) => {
    const peer = one.peerSeconds.length === 0 ? ['', ''] : [spread(one.peerSeconds), ratio(one)];
    const memory = one.peakNodeBytes === 0 ? '' : `${Math.round(one.peakNodeBytes / 1024 ** 2)} MiB`;
    return `| ${[one.name, spread(one.seconds), ...peer, memory, one.goal].join(' | ')} |`;
  });
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`. Runs alternate with the peer in the same call; each figure is the median, with least and most in brackets.',
    '',
    `Machine: ${machine.cores} × ${machine.processor}, ${Math.round(machine.memoryBytes / 1024 ** 3)} GiB; ${machine.versions.join(', ')}.`,
    '',
    '| what | Slipway | by hand | ratio | peak memory of a process of ours | goal |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    '**The whole job** begins with the sample RPM repository on disk and empty caches and ends with a qcow2 image; by hand it is `test/bench/by-hand.sh`',
    '(dnf --installroot, dracut, ostree commit, mkfs.ext4, qemu-img).',
    '',
  ].join('\n');
}

function ratio(series: Series): string {
  return (median(series.seconds) / median(series.peerSeconds)).toFixed(2);
}

function spread(seconds: readonly number[]): string {
  const text = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
  return `${text(median(seconds))} s (${text(Math.min(...seconds))}–${text(Math.max(...seconds))})`;
}
