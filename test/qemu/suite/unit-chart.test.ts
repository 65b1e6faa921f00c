import test from 'ava';
import { unitChart } from '../../../qemu/suite/html/unit-chart.ts';
import type { BootTimes, UnitTime } from '../../../qemu/verdict.ts';

// 40 s from the kernel's start to the end: 18 pixels a second.
const times: BootTimes = {
  firmware: 1000,
  loader: 1000,
  kernel: 4000,
  initrd: 6000,
  userspace: 30_000,
  total: 42_000,
};

function bars(svg: string): { left: number; width: number }[] {
  return [...svg.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)" height="11"/g)].map(([, left, width]) => ({
    left: Number(left),
    width: Number(width),
  }));
}

test('unitChart() draws units to scale in the order of their start; one that never came up takes all the rest', (t) => {
  const svg = unitChart(times, [
    { unit: 'hung.service', startedAtUs: 30_000_000, readyAtUs: 0 },
    { unit: 'quick&.service', startedAtUs: 20_000_000, readyAtUs: 22_000_000 },
  ]);
  t.deepEqual(bars(svg), [
    { left: 360, width: 36 },
    { left: 540, width: 180 },
  ]);
  t.regex(svg, />quick&amp;\.service 2\.0 s</);
  t.regex(svg, />hung\.service still starting</);
});

test('unitChart() draws the phases since the kernel behind them', (t) => {
  const svg = unitChart(times, [{ unit: 'a.service', startedAtUs: 20_000_000, readyAtUs: 22_000_000 }]);
  const bands = [...svg.matchAll(/<rect x="([\d.]+)" y="0" width="([\d.]+)"[^>]*\/><text[^>]*>(\w+)</g)];
  t.deepEqual(
    bands.map(([, left, width, name]) => [name, Number(left), Number(width)]),
    [
      ['kernel', 0, 72],
      ['initrd', 72, 108],
      ['userspace', 180, 540],
    ],
  );
});

test('unitChart() shows the 40 slowest units', (t) => {
  const units = Array.from({ length: 60 }, (_, index): UnitTime => {
    const startedAtUs = 11_000_000 + index * 1000;
    return { unit: `u${index}.service`, startedAtUs, readyAtUs: startedAtUs + index * 100_000 };
  });
  const svg = unitChart(times, units);
  t.is(bars(svg).length, 40);
  t.false(svg.includes('>u19.service '));
  t.true(svg.includes('>u20.service '));
});

test('unitChart() is empty for a boot that was not complete', (t) => {
  t.is(unitChart(null, [{ unit: 'a.service', startedAtUs: 1, readyAtUs: 2 }]), '');
  t.is(unitChart(times, []), '');
});
