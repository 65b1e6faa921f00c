import test from 'ava';
import { bootChart } from '../../../qemu/suite/html/boot-chart.ts';
import { htmlReport } from '../../../qemu/suite/html/page.ts';
import { commandsFor, formatSuiteReport } from '../../../qemu/suite/report.ts';
import { suiteJunitXml, suiteTap } from '../../../qemu/suite/report-formats.ts';
import { suiteReport, testResult } from './support/external-test.ts';

const report = suiteReport([
  testResult('ext.p.good'),
  testResult('ext.p.bad', { outcome: 'failed', reason: 'exit status 3; a.service failed', output: 'one\n<two>\n' }),
  testResult('ext.p.not', { outcome: 'skipped', reason: 'is not for x86_64', startMs: 0, durationMs: 0 }),
]);

test('suiteTap() writes TAP 14', (t) => {
  t.is(
    suiteTap(report),
    `TAP version 14
1..3
ok 1 - ext.p.good
not ok 2 - ext.p.bad
  ---
  message: |
    exit status 3; a.service failed
  ...
ok 3 - ext.p.not # SKIP is not for x86_64
`,
  );
});

test('suiteJunitXml() writes one case for each test, with its output', (t) => {
  t.is(
    suiteJunitXml(report),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="slipway" tests="3" failures="1" skipped="1" time="61.500">
    <testcase classname="ext.p" name="good" time="1.500"/>
    <testcase classname="ext.p" name="bad" time="1.500">
      <failure message="exit status 3; a.service failed">exit status 3; a.service failed
run it again: slipway test run host.qcow2 --tests 'my tests' --only ext.p.bad
run it and keep its machine: slipway test run host.qcow2 --tests 'my tests' --only ext.p.bad --keep</failure>
      <system-out>one
&lt;two&gt;
</system-out>
    </testcase>
    <testcase classname="ext.p" name="not" time="0.000">
      <skipped message="is not for x86_64"/>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test('formatSuiteReport() shows what failed, with its last output, and the sum', (t) => {
  t.is(
    formatSuiteReport(report),
    `✗ ext.p.bad: exit status 3; a.service failed
    one
    <two>
    run it again: slipway test run host.qcow2 --tests 'my tests' --only ext.p.bad
    run it and keep its machine: slipway test run host.qcow2 --tests 'my tests' --only ext.p.bad --keep
- ext.p.not: skipped, is not for x86_64
1 passed, 1 failed, 1 skipped in 61.5 s (1 boot, started in 0.9 s on average)`,
  );
});

test('a machine that stands is entered by its name', (t) => {
  const commands = commandsFor(report, testResult('ext.p.bad', { outcome: 'failed', machine: '1a2b3c4d' }));
  t.deepEqual(commands[1], { title: 'enter its machine', command: 'slipway qemu ssh 1a2b3c4d' });
});

test('bootChart() draws phases to scale, and nothing without a boot', (t) => {
  const { times } = report.machines[0]!;
  const svg = bootChart([{ label: '<bios>', times }]);
  const widths = [...svg.matchAll(/width="([\d.]+)" height="22"/g)].map((match) => Number(match[1]));
  t.deepEqual(widths, [36, 18, 72, 144, 450]);
  t.regex(svg, />&lt;bios&gt;: 20\.0 s</);
  t.is(bootChart([{ label: 'bios', times: null }]), '');
});

test('htmlReport() holds outputs, consoles and journals, escaped, and loads nothing from elsewhere', (t) => {
  const texts = new Map([
    ['tests/ext.p.bad/console.txt', '[ 0.1] <script>alert(1)</script>'],
    ['tests/ext.p.bad/journal.txt', 'sshd[1]: hello'],
  ]);
  const page = htmlReport(report, texts, new Map());
  t.true(page.includes('[ 0.1] &lt;script&gt;alert(1)&lt;/script&gt;'));
  t.true(page.includes('sshd[1]: hello'));
  t.true(page.includes("<dd><code>slipway test run host.qcow2 --tests 'my tests' --only ext.p.bad</code></dd>"));
  t.true(page.includes('>1024 MiB, 1 more disk, quiet: 20.0 s<'));
  t.true(page.includes('<details class="test failed" open><summary>ext.p.bad <small>1.5 s</small></summary>'));
  t.false(/\b(src|href)=/.test(page));
});

test('htmlReport() shows the screens of what failed, inside the page', (t) => {
  const [machine] = report.machines;
  const failed = testResult('ext.p.bad', { outcome: 'failed', screenshot: 'tests/ext.p.bad/screen.png' });
  const pictures = new Map([
    ['tests/ext.p.bad/screen.png', Buffer.from('one')],
    ['machine-1-screen.png', Buffer.from('two')],
  ]);
  const machines = [{ ...machine!, failure: 'no', screenshot: 'machine-1-screen.png' }];
  const page = htmlReport({ ...suiteReport([failed]), machines }, new Map(), pictures);
  const shown = [...page.matchAll(/<img alt="([^"]*)" src="([^"]*)">/g)].map(([, alt, src]) => [alt, src]);
  t.deepEqual(shown, [
    ['Screen of machine 1', 'data:image/png;base64,dHdv'],
    ['Screen', 'data:image/png;base64,b25l'],
  ]);
});
