// A schedule of faults by chance, and a power cut at a moment by chance: what the host promised to keep is kept, and it boots.

import test from 'ava';
import { runSchedule } from '../../qemu/faults/run-schedule.ts';
import { chosenSeed, type FaultKind, faultScheduleWithCut, formatSchedule } from '../../qemu/faults/schedule.ts';
import type { Machine } from '../../qemu/machine-run.ts';
import { bootTimeoutMs, said, startTestMachine, stopAfterwards, tools } from '../boot/support/machine.ts';
import { sampleHost } from '../support/sample-host.ts';

let machine: Machine | undefined;
stopAfterwards(test, () => machine);

/** Those that a host must live through without losing anything. */
const kinds: FaultKind[] = [
  'disk-full',
  'disk-slow',
  'network-cut',
  'network-slow',
  'network-loss',
  'time-jump',
  'memory-pressure',
];

// Writes and flushes one file after another, and says on the console which of them are safe. A full disk makes it try again.
const promise = `mkdir -p /var/promises
i=1
while :; do
  if echo "promise $i" >/var/promises/$i && sync /var/promises/$i /var/promises; then
    echo "promised $i" >/dev/ttyS0
    i=$((i + 1))
  else
    sleep 1
  fi
done`;

// Prints the numbers of the files that do not hold what was promised.
const broken = `for i in $(seq 1 "$1"); do [ "$(cat /var/promises/$i)" = "promise $i" ] || echo "$i"; done`;

function promised({ console }: Machine): number {
  return Math.max(0, ...console.lines().map(({ text }) => Number(/promised (\d+)/.exec(text)?.[1] ?? 0)));
}

test('what was flushed survives faults and a power cut, and the host boots with a whole repository', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const seed = chosenSeed();
  const schedule = faultScheduleWithCut({ seed, kinds, count: 6, lengthMs: 60_000 });
  t.log(formatSchedule(seed, schedule));
  const image = process.env.SLIPWAY_TEST_IMAGE ?? (await sampleHost(tools)).image;
  const before = await startTestMachine({ image, hardware: { writeLog: true, balloon: true } });
  machine = before;
  await before.waitForBoot({ timeoutMs: bootTimeoutMs });
  await before.run(['systemd-run', '--unit=promises', 'sh', '-c', promise]);
  const targets = { fillFolder: '/var', corruptPath: '', memoryMiB: 700 };
  const after = await runSchedule(before, schedule, targets, tools.signal);
  machine = after!;
  const kept = promised(before);
  t.true(kept > 0, 'nothing was promised');

  const verdict = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
  t.is(verdict.state, 'running');
  await machine.disk.free('/var');
  t.is(await said(machine, 'sh', '-c', broken, 'sh', String(kept)), '', `of ${kept} promises`);
  t.is(await said(machine, 'sh', '-c', 'ostree fsck --repo=/sysroot/ostree/repo >/dev/null && echo whole'), 'whole');
});
