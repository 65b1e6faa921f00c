// The measurements as a table for docs/benchmarks.md. Pure.

import type { Measurement } from './measure.ts';

export interface Series {
  readonly name: string;
  /** One entry a run. */
  readonly own: readonly Measurement[];
  /** Runs of what it is compared with, each beside the own run of the same index; empty when there is no peer. */
  readonly peer: readonly Measurement[];
  readonly goal: Goal;
}

/** What the medians should not exceed. */
export interface Goal {
  readonly seconds?: number;
  /** Of the peer's time. */
  readonly ratio?: number;
  /** Largest resident set of any one process of ours, in MiB. */
  readonly mebibytes?: number;
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

/** Median of the ratios run by run, so that a machine whose speed drifts does no harm; null without a peer. */
export function ratioOf({ own, peer }: Pick<Series, 'own' | 'peer'>): number | null {
  if (peer.length === 0) return null;
  return median(own.map((run, index) => run.seconds / peer[index]!.seconds));
}

/** Words for each part of the goal that the figures miss; empty when all are kept. */
export function missedGoals(series: Series): string[] {
  const { goal } = series;
  const seconds = median(series.own.map((run) => run.seconds));
  const ratio = ratioOf(series);
  return [
    ...(goal.seconds !== undefined && seconds > goal.seconds ? [`${seconds.toFixed(2)} s > ${goal.seconds} s`] : []),
    ...(goal.ratio !== undefined && ratio !== null && ratio > goal.ratio
      ? [`${ratio.toFixed(2)} > ${goal.ratio} of the peer`]
      : []),
    ...(goal.mebibytes !== undefined && peakMebibytes(series) > goal.mebibytes
      ? [`${peakMebibytes(series)} MiB > ${goal.mebibytes} MiB`]
      : []),
  ];
}

export interface BenchmarkGroup {
  readonly title: string;
  /** Sentences under the table: what is measured, and against what. */
  readonly explanation: string;
  readonly series: readonly Series[];
}

export function benchmarkPage(groups: readonly BenchmarkGroup[], machine: Machine): string {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench -- --write`. Runs alternate with the peer in the same call; times are those of whole processes, each figure is the median, with least and most in',
    'brackets, and a ratio is the median of the ratios run by run. Memory is the largest resident set that any one of our processes had.',
    '',
    `Machine: ${machine.cores} × ${machine.processor}, ${Math.round(machine.memoryBytes / 1024 ** 3)} GiB; ${machine.versions.join(', ')}.`,
    '',
    ...groups.flatMap(describeGroup),
  ].join('\n');
}

function describeGroup({ title, explanation, series }: BenchmarkGroup): string[] {
  return [
    `## ${title}`,
    '',
    '| what | Slipway | peer | ratio | memory | goal |',
    '|---|---|---|---|---|---|',
    ...series.map(describeSeries),
    '',
    explanation,
    '',
  ];
}

function describeSeries(series: Series): string {
  const ratio = ratioOf(series);
  const cells = [
    series.name,
    spread(series.own),
    series.peer.length === 0 ? '' : spread(series.peer),
    ratio === null ? '' : ratio.toFixed(2),
    peakMebibytes(series) === 0 ? '' : `${peakMebibytes(series)} MiB`,
    describeGoal(series),
  ];
  return `| ${cells.join(' | ')} |`;
}

function describeGoal(series: Series): string {
  const { seconds, ratio, mebibytes } = series.goal;
  const parts = [
    ...(seconds === undefined ? [] : [`${seconds} s`]),
    ...(ratio === undefined ? [] : [`${ratio} of the peer`]),
    ...(mebibytes === undefined ? [] : [`${mebibytes} MiB`]),
  ];
  const missed = missedGoals(series);
  return `${parts.join(', ')}${missed.length === 0 ? '' : ` (missed: ${missed.join(', ')})`}`;
}

function peakMebibytes({ own }: Series): number {
  return Math.round(Math.max(0, ...own.map((run) => run.peakNodeBytes)) / 1024 ** 2);
}

function spread(runs: readonly Measurement[]): string {
  const seconds = runs.map((run) => run.seconds);
  const text = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
  return `${text(median(seconds))} s (${text(Math.min(...seconds))}–${text(Math.max(...seconds))})`;
}
