import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { formatCounts, runSuite, withRunnerFailure } from '../../cli/self-test/run-suite.ts';
import { type Suite, suitesToRun } from '../../cli/self-test/suites.ts';
import { Events } from '../../lib/events.ts';
import { tapReader } from '../../lib/tap.ts';
import { tree } from '../support/temporary.ts';

const tools = { events: new Events(), signal: new AbortController().signal, json: false };

test('tapReader() counts passed, failed and skipped tests and keeps what was said about failures', (t) => {
  const reader = tapReader();
  const lines = [
    'TAP version 13',
    'ok 1 - near-miss › adds - up',
    'not ok 2 - files › breaks',
    '  ---',
    '  name: AssertionError',
    '  ...',
    'ok 3 - later # SKIP',
    'not ok 4 - some day # TODO',
    '',
    '1..4',
    '# tests 4',
  ];
  for (const line of lines) reader.read(line);
  t.deepEqual(reader.counts(), {
    passed: 1,
    skipped: 2,
    failed: [{ title: 'files › breaks', details: ['  ---', '  name: AssertionError', '  ...'] }],
  });
});

const suite: Suite = { name: 's', title: 'Run tests', argv: [], counts: 'tap' };

test('withRunnerFailure() lets no runner that failed or ran nothing look like a success', (t) => {
  const good = { passed: 3, skipped: 0, failed: [] };
  t.is(withRunnerFailure(good, null, suite), good);
  t.deepEqual(withRunnerFailure(good, 'ended with status 1', suite).failed, [
    { title: 'Run tests', details: ['the runner ended with status 1'] },
  ]);
  t.deepEqual(withRunnerFailure({ passed: 0, skipped: 0, failed: [] }, null, suite).failed, [
    { title: 'Run tests', details: ['no test ran'] },
  ]);
});

test('formatCounts() names skipped tests only when there are any', (t) => {
  t.is(formatCounts({ passed: 2, skipped: 0, failed: [] }), '2 passed, 0 failed');
  t.is(formatCounts({ passed: 2, skipped: 1, failed: [{ title: 'x', details: [] }] }), '2 passed, 1 failed, 1 skipped');
});

test('runSuite() counts the tests of a real AVA run, a throw outside of tests included', async (t) => {
  const checkout = await tree(t, {
    'package.json': '{"type": "module"}',
    'ava.config.js': "export default { files: ['*.test.js'] };",
    'a.test.js': [
      "import test from 'ava';",
      "test('good', (t) => t.pass());",
      "test('bad', (t) => t.is(1, 2));",
      'test.skip("not now", (t) => t.pass());',
    ].join('\n'),
    'b.test.js': `import test from 'ava';
      test('also good', (t) => t.pass());
      test.after(() => { throw new Error('late'); });`,
  });

  await symlink(join(import.meta.dirname, '../../node_modules'), join(checkout, 'node_modules'));
  const fast = suitesToRun({ fastOnly: true }).find((row) => row.name === 'fast')!;
  const report = await runSuite(fast, { checkout, logFolder: checkout }, tools);
  t.is(report.passed, 2);
  t.is(report.skipped, 1);
  t.deepEqual(report.failed.map((failure) => failure.title).sort(), ['a › bad', 'b › after hook']);
  t.true(report.failed.every((failure) => failure.details.length > 0));
});

test('runSuite() takes the status of a checker for one test and keeps what it printed', async (t) => {
  const checkout = await tree(t, { 'bad.js': "console.log('line 3 is wrong'); process.exitCode = 1;", 'good.js': '' });
  const checker = (file: string): Suite => ({ name: 'check', title: 'Check', argv: [file], counts: 'status' });
  const places = { checkout, logFolder: checkout };
  t.like(await runSuite(checker('good.js'), places, tools), { passed: 1, skipped: 0, failed: [] });
  const bad = await runSuite(checker('bad.js'), places, tools);
  t.deepEqual(bad.failed, [{ title: 'Check', details: ['line 3 is wrong'] }]);
});

test('runSuite() counts a runner that is killed as one failed test, so that the other suites keep their counts', async (t) => {
  const checkout = await tree(t, { 'dies.js': "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);" });
  const dies: Suite = { name: 'dies', title: 'Run tests', argv: ['dies.js'], counts: 'tap' };
  const report = await runSuite(dies, { checkout, logFolder: checkout }, tools);
  t.deepEqual(report.failed, [{ title: 'Run tests', details: ['no test ran', 'the runner was ended by SIGKILL'] }]);
});

test('suitesToRun() leaves out only the boot tests with --fast', (t) => {
  t.deepEqual(
    suitesToRun({ fastOnly: true }).map((row) => row.name),
    ['types', 'lint', 'fast'],
  );
  t.deepEqual(
    suitesToRun({ fastOnly: false }).map((row) => row.name),
    ['types', 'lint', 'fast', 'boot'],
  );
});
