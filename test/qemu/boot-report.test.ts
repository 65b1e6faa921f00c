import test from 'ava';
import { strictPolicy } from '../../qemu/base-checks.ts';
import { bootPage } from '../../qemu/boot-page.ts';
import { type BootReport, formatBootReport, judgeBoot, type ObservedBoot } from '../../qemu/boot-report.ts';
import { junitXml, tap } from '../../qemu/report-files.ts';
import type { GuestVerdict } from '../../qemu/verdict.ts';

const verdict: GuestVerdict = {
  bootId: 'b',
  state: 'running',
  failedUnits: [],
  kernelStartedAtMs: 0,
  timestampsUs: new Map(),
  units: [],
  journal: [],
  facts: { leftJobs: [], tainted: 0, sockets: [], clockAheadSeconds: 0, places: [], unknownArguments: [] },
};
const good: ObservedBoot = {
  firmware: 'bios',
  phase: 'userspace',
  verdict,
  failure: '',
  sshSilence: null,
  consoleLines: ['[  OK  ] Reached target multi-user.target'],
  times: { firmware: 400, loader: 1400, kernel: 4000, initrd: 12000, userspace: 14000, total: 31800 },
  durationMs: 33_000,
  console: 'console-bios.log',
  journal: 'journal-bios.txt',
};
const dead: ObservedBoot = {
  ...good,
  firmware: 'uefi',
  phase: 'kernel',
  verdict: null,
  failure: 'the boot failed in the kernel; the console last said:\n    <panic> & "more"',
  consoleLines: ['Kernel panic - not syncing: VFS'],
  times: null,
  journal: null,
};

const failing: [title: string, boot: ObservedBoot, failures: string[]][] = [
  [
    'a failed unit',
    {
      ...good,
      verdict: { ...verdict, state: 'degraded', failedUnits: [{ unit: 'a.service', description: 'A thing' }] },
    },
    ['no unit failed: a.service (A thing)'],
  ],
  [
    'no answer on the ssh port',
    { ...good, sshSilence: 'nothing listens on port 22' },
    ['ssh answers: nothing listens on port 22'],
  ],
  [
    'a state that is no end',
    { ...good, verdict: { ...verdict, state: 'maintenance' } },
    ['the boot completes: the system says "maintenance"'],
  ],
  [
    'a bad line in the journal',
    {
      ...good,
      verdict: {
        ...verdict,
        journal: [
          { monotonicUs: 1, priority: 3, identifier: 'kernel', pid: '', unit: '', message: 'a[1]: segfault at 8' },
        ],
      },
    },
    ['console and journal are clean: segfault: [    0.000001] kernel: a[1]: segfault at 8'],
  ],
  [
    'no verdict',
    dead,
    [
      'the boot completes: the boot failed in the kernel; the console last said:\n    <panic> & "more"',
      'console and journal are clean: kernel-panic: Kernel panic - not syncing: VFS',
    ],
  ],
];

for (const [title, boot, failures] of failing) {
  test(`judgeBoot() fails a boot with ${title}`, (t) => {
    const result = judgeBoot(boot, strictPolicy);
    t.false(result.passed);
    t.deepEqual(
      result.checks.flatMap((check) => (check.failure === null ? [] : [`${check.name}: ${check.failure}`])),
      failures,
    );
  });
}

test('judgeBoot() passes what a denylist takes out of the findings', (t) => {
  const bad = { ...good, consoleLines: ['[    9.1] a[1]: segfault at 8'] };
  t.false(judgeBoot(bad, strictPolicy).passed);
  t.true(judgeBoot(bad, strictPolicy, (findings) => findings.filter(({ code }) => code !== 'segfault')).passed);
});

const report: BootReport = {
  kind: 'boot-report',
  version: 1,
  image: '/i/image.qcow2',
  passed: false,
  accelerator: { accelerator: 'tcg', reason: 'hangs an ordinary guest' },
  boots: [judgeBoot(good, strictPolicy), judgeBoot(dead, strictPolicy)],
};

test('formatBootReport() says each boot, its times and what failed', (t) => {
  t.is(
    formatBootReport(report),
    `✓ bios (tcg): running, 31.8 s (firmware 0.4 s, loader 1.4 s, kernel 4.0 s, initrd 12.0 s, userspace 14.0 s)
✗ uefi (tcg): no verdict, stands in the kernel
    the boot completes: failed
      the boot failed in the kernel; the console last said:
          <panic> & "more"
    console and journal are clean: failed
      kernel-panic: Kernel panic - not syncing: VFS
failed: /i/image.qcow2`,
  );
});

test('junitXml() has a suite for each firmware and escapes what was said', (t) => {
  t.is(
    junitXml(report),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="boot bios" tests="11" failures="0" time="33.000">
    <testcase classname="boot.bios" name="the boot completes"/>
    <testcase classname="boot.bios" name="console and journal are clean"/>
    <testcase classname="boot.bios" name="no unit failed"/>
    <testcase classname="boot.bios" name="ssh answers"/>
    <testcase classname="boot.bios" name="no job is stuck"/>
    <testcase classname="boot.bios" name="the kernel is not tainted"/>
    <testcase classname="boot.bios" name="every kernel argument is known"/>
    <testcase classname="boot.bios" name="only known ports are open"/>
    <testcase classname="boot.bios" name="the clock is right"/>
    <testcase classname="boot.bios" name="/etc and /var can be written"/>
    <testcase classname="boot.bios" name="there is room"/>
  </testsuite>
  <testsuite name="boot uefi" tests="2" failures="2" time="33.000">
    <testcase classname="boot.uefi" name="the boot completes">
      <failure message="the boot failed in the kernel; the console last said:">the boot failed in the kernel; the console last said:
    &lt;panic&gt; &amp; &quot;more&quot;</failure>
    </testcase>
    <testcase classname="boot.uefi" name="console and journal are clean">
      <failure message="kernel-panic: Kernel panic - not syncing: VFS">kernel-panic: Kernel panic - not syncing: VFS</failure>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test('tap() numbers all checks of all firmwares', (t) => {
  t.is(
    tap(report),
    `TAP version 14
1..13
ok 1 - bios: the boot completes
ok 2 - bios: console and journal are clean
ok 3 - bios: no unit failed
ok 4 - bios: ssh answers
ok 5 - bios: no job is stuck
ok 6 - bios: the kernel is not tainted
ok 7 - bios: every kernel argument is known
ok 8 - bios: only known ports are open
ok 9 - bios: the clock is right
ok 10 - bios: /etc and /var can be written
ok 11 - bios: there is room
not ok 12 - uefi: the boot completes
  ---
  message: |
    the boot failed in the kernel; the console last said:
        <panic> & "more"
  ...
not ok 13 - uefi: console and journal are clean
  ---
  message: |
    kernel-panic: Kernel panic - not syncing: VFS
  ...
`,
  );
});

test('judgeBoot() keeps the units in the order in which they were started', (t) => {
  const units = [
    { unit: 'b.service', startedAtUs: 2, readyAtUs: 3 },
    { unit: 'a.service', startedAtUs: 1, readyAtUs: 0 },
  ];
  const result = judgeBoot({ ...good, verdict: { ...verdict, units } }, strictPolicy);
  t.deepEqual(
    result.units.map(({ unit }) => unit),
    ['a.service', 'b.service'],
  );
});

test('bootPage() shows checks, chart, consoles and journals, escaped, and loads nothing from elsewhere', (t) => {
  const units = [{ unit: 'slow.service', startedAtUs: 17_000_000, readyAtUs: 27_000_000 }];
  const boots = [judgeBoot({ ...good, verdict: { ...verdict, units } }, strictPolicy), judgeBoot(dead, strictPolicy)];
  const texts = new Map([
    ['console-bios.log', '[    0.1] <script>alert(1)</script>'],
    ['journal-bios.txt', 'sshd[1]: hello'],
  ]);
  const page = bootPage({ ...report, boots }, texts, new Map());
  t.true(page.includes('[    0.1] &lt;script&gt;alert(1)&lt;/script&gt;'));
  t.true(page.includes('<summary>Journal</summary><pre>sshd[1]: hello</pre>'));
  t.true(page.includes('<details class="test passed"><summary>there is room</summary></details>'));
  t.true(page.includes('<p class="failed">kernel-panic: Kernel panic - not syncing: VFS</p>'));
  t.true(page.includes('>slow.service 10.0 s</text>'));
  t.is(page.match(/aria-label="Slowest units"/g)?.length, 1);
  t.false(/\b(src|href)=/.test(page));
});
