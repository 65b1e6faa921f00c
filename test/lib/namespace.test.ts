import test from 'ava';
import { DiagnosticsError } from '../../lib/diagnostics.ts';
import { Cancelled, ToolError, UserError } from '../../lib/errors.ts';
import { Events, type SlipwayEvent } from '../../lib/events.ts';
import { runInNamespace } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import type { Work } from '../support/namespace-work.ts';

const module = new URL('../support/namespace-work.ts', import.meta.url);

function work(kind: Work, signal = new AbortController().signal, events = new Events()): Promise<unknown> {
  return runInNamespace(module, kind, { events, signal });
}

test('runInNamespace() runs the work as root of its own process namespace', async (t) => {
  t.like(await work('identity'), { uid: 0, file: '0\n' });
});

test('runInNamespace() takes input that is still in the making, and tells when it cannot be made', async (t) => {
  const tools = { events: new Events(), signal: new AbortController().signal };
  const later = new Promise<Work>((resolve) => setTimeout(() => resolve('identity'), 300));
  t.like(await runInNamespace(module, later, tools), { uid: 0 });
  const never = Promise.reject(new UserError('no-input', 'no input'));
  await t.throwsAsync(runInNamespace(module, never, tools), { instanceOf: UserError, message: 'no input' });
});

test('runInNamespace() makes files with the same modes under any umask', async (t) => {
  const modules = ['namespace', 'events'].map((name) =>
    JSON.stringify(new URL(`../../lib/${name}.ts`, import.meta.url)),
  );
  const script = `
    import { runInNamespace } from ${modules[0]};
    import { Events } from ${modules[1]};
    const tools = { events: new Events(), signal: new AbortController().signal };
    console.log(await runInNamespace(new URL(${JSON.stringify(module)}), 'umask', tools));`;
  const node = [process.execPath, '--input-type=module', '--eval', script];
  const { stdout } = await run(['sh', '-c', 'umask 077; exec "$@"', 'sh', ...node]);
  t.is(stdout, '22\n');
});

test('runInNamespace() passes steps on as events', async (t) => {
  const events = new Events();
  const seen: SlipwayEvent[] = [];
  events.listen((event) => seen.push(event));
  await work('steps', undefined, events);
  t.deepEqual(
    seen.map((event) => event.type),
    ['step-start', 'step-end'],
  );
  t.like(seen[1], { title: 'Inside', outcome: 'done', detail: 'seen' });
});

test('runInNamespace() gives errors their class and content back', async (t) => {
  const user = await t.throwsAsync(work('user-error'), { instanceOf: UserError, message: 'a sentence' });
  t.like(user, { code: 'some-code', hint: 'a hint' });
  const tool = await t.throwsAsync(work('tool-error'), { instanceOf: ToolError, message: 'x failed' });
  t.like(tool, { command: 'x -y', exitCode: 3, output: 'said', logFile: '/l' });
  const problems = await t.throwsAsync(work('diagnostics'), { instanceOf: DiagnosticsError });
  t.like((problems as DiagnosticsError).diagnostics[0], { code: 'c', message: 'm' });
  const bug = await t.throwsAsync(work('bug'), { message: 'a bug' });
  t.regex(bug?.stack ?? '', /namespace-work\.ts/);
});

test('runInNamespace() takes a worker that ends without a word for a bug', async (t) => {
  await t.throwsAsync(work('exit'), { message: /ended without a result \(status 7\)/ });
});

test('runInNamespace() ends the work and throws Cancelled when the signal fires', async (t) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Cancelled()), 500);
  const startedAt = performance.now();
  await t.throwsAsync(work('wait', controller.signal), { instanceOf: Cancelled });
  t.true(performance.now() - startedAt < 20_000);
});
