// With the real kernel and bwrap; strace is the oracle.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { engineContext } from '../../../../compose/context.ts';
import type { Trace } from '../../../../compose/rootfs/trace/record.ts';
import { type Tracer, tracer } from '../../../../compose/rootfs/trace/tracer.ts';
import { Cancelled, ToolError } from '../../../../lib/errors.ts';
import { Events } from '../../../../lib/events.ts';
import { run } from '../../../../lib/run.ts';
import { straceArgv, stracedPaths } from '../../../support/strace.ts';

const events = new Events();
let shared: Tracer;
test.before('start the threads', () => {
  shared = tracer(engineContext({ events, signal: new AbortController().signal }));
});
test.after.always('end them', () => shared.close());

/** This machine, read-only, as a tree. */
function inSandbox(script: string): string[] {
  const mounts = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--tmpfs', '/run'];
  return [
    ...['bwrap', ...mounts, '--unshare-pid', '--unshare-net', '--die-with-parent', '--clearenv'],
    ...['--setenv', 'PATH', '/usr/sbin:/usr/bin', '--chdir', '/', '--', '/bin/sh', '-c', script],
  ];
}

async function traced(script: string, input?: string): Promise<{ stdout: string; trace: Trace }> {
  const { result, trace } = await shared.run(inSandbox(script), input === undefined ? {} : { input });
  if (trace === null) throw new Error('programs cannot be traced on this machine');
  return { stdout: result.stdout, trace };
}

test("a traced thread that first has to wait for one of V8's locks does not stop the whole process", async (t) => {
  const program = fileURLToPath(new URL('./support/count-processors.ts', import.meta.url));
  // V8 by itself has no need to wait then: the program's own call is the first.
  const alone = ['--single-threaded', '--liftoff-only'];
  const { stdout } = await run([process.execPath, ...alone, program], { timeoutMs: 20_000 });
  t.true(Number(stdout) > 0);
});

const scripts: readonly string[] = [
  'cat /etc/hostname /etc/not-there; cd /usr; ls lib >/dev/null; test -e share/nothing',
  'mkdir -p /tmp/a/b && cd /tmp/a && mv b c && ln -s c d && rm -r d c; touch e; chmod 600 e',
  'sh -c "exec no-such-program" ; id >/dev/null; getent passwd root',
  'for i in 1 2 3 4 5 6 7 8; do find /etc -name "*.conf" & done; wait',
  'grep -r never-found /etc/ld.so.conf.d /usr/lib/os-release; readlink -f /bin/sh; stat -c %a /usr; [ /etc/a -nt /etc ]',
];

for (const script of scripts) {
  test.serial(`the tracer misses nothing that strace sees: ${script}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-trace-'));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const log = join(folder, 'trace');
    const okExitCodes = [0, 1, 2];
    const oracle = await run(straceArgv(inSandbox(`${script}; true`), log), { okExitCodes });
    const { stdout, trace } = await traced(`${script}; true`);
    t.deepEqual(stdout.split('\n').sort(), oracle.stdout.split('\n').sort(), 'the program does what it does untraced');
    const { paths, listed } = stracedPaths(await readFile(log, 'utf8'), 'sh');
    t.true(paths.size > 10);
    const missing = (from: ReadonlySet<string>, known: readonly string[]): string[] =>
      [...from].filter((path) => !path.startsWith('/proc/') && !known.includes(path));
    t.deepEqual(missing(paths, trace.paths), []);
    t.deepEqual(missing(listed, trace.listed), []);
    t.true(trace.complete);
  });
}

const awkProgram = `printf '#!/usr/bin/awk -f\\n' > /tmp/made; chmod +x /tmp/made`;

for (const [title, script, paths] of [
  ['the interpreter of a program that is gone', `${awkProgram}; /tmp/made </dev/null; rm /tmp/made`, ['/usr/bin/awk']],
  [
    'that of one that is started by its descriptor',
    `${awkProgram}; exec 9</tmp/made; /proc/self/fd/9 9</tmp/made </dev/null`,
    ['/usr/bin/awk'],
  ],
  ['that of one behind a link', `${awkProgram}; ln -s made /tmp/link; /tmp/link </dev/null`, ['/usr/bin/awk']],
  [
    'where links lead to that are gone',
    'mkdir /tmp/a; ln -s ../../etc /tmp/a/b; ln -s /tmp/a/b /tmp/c; cd /run; cat ../tmp/c/hostname /tmp/../etc/passwd; rm -r /tmp/a',
    ['/etc/hostname', '/etc/passwd'],
  ],
  [
    'paths of sockets',
    `perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un("/etc/bound")); connect(S, sockaddr_un("/etc/reached")); send(S, 1, 0, sockaddr_un("/etc/sent"))'`,
    ['/etc/bound', '/etc/reached', '/etc/sent'],
  ],
] as const) {
  test.serial(`the tracer tells ${title}`, async (t) => {
    const { trace } = await traced(`${script}; true`);
    t.deepEqual(
      paths.filter((path) => !trace.paths.includes(path)),
      [],
    );
    t.true(trace.complete);
  });
}

test.serial('a link in /tmp to what a process has of its own is no way that the trace cannot tell of', async (t) => {
  const { trace } = await traced('ln -s /proc/self/mounts /tmp/mtab; cat /tmp/mtab; test -e /tmp/mtab/none; true');
  t.true(trace.complete);
});

test.serial('each program has a trace of its own', async (t) => {
  const first = await traced('cat /etc/hostname');
  const second = await traced('cat /etc/passwd');
  t.true(first.trace.paths.includes('/etc/hostname'));
  t.false(second.trace.paths.includes('/etc/hostname'));
  t.true(second.trace.paths.includes('/etc/passwd'));
});

test.serial('input, long names, letters beyond ASCII and output reach where they should', async (t) => {
  const name = `/etc/${'ä'.repeat(100)}/${'x'.repeat(200)}`;
  const { stdout, trace } = await traced(`cat; test -e ${name}`.concat('; true'), 'said');
  t.is(stdout, 'said');
  t.true(trace.paths.includes(name));
});

test.serial('letters that lie on two pages of memory are read', async (t) => {
  const names = [0, 1, 2, 3].map((shift) => `/etc/${'x'.repeat(shift)}${'ä'.repeat(4000)}`);
  const { trace } = await traced(`${names.map((name) => `test -e ${name}`).join('; ')}; true`);
  t.deepEqual(
    names.filter((name) => !trace.paths.includes(name)),
    [],
  );
});

test.serial('a program that fails says so as it does untraced, and the next one can be run', async (t) => {
  const error = await t.throwsAsync(traced('echo wrong >&2; exit 3'), { instanceOf: ToolError });
  t.is(error?.exitCode, 3);
  t.regex(error?.output ?? '', /wrong/);
  t.is((await traced('echo right')).stdout, 'right\n');
});

test.serial('this process and its other programs are not traced', async (t) => {
  await traced('true');
  t.is((await run(['cat', '/proc/self/status'])).stdout.match(/^Seccomp:\t(\d)$/m)?.[1], await ownMode());
  t.is((await traced('cat /proc/self/status')).stdout.match(/^Seccomp:\t(\d)$/m)?.[1], '2');
});

async function ownMode(): Promise<string | undefined> {
  return (await readFile('/proc/self/status', 'utf8')).match(/^Seccomp:\t(\d)$/m)?.[1];
}

test.serial('an abort ends the program', async (t) => {
  const controller = new AbortController();
  const own = tracer(engineContext({ events, signal: controller.signal }));
  await own.run(inSandbox('true'), {});
  const run = own.run(inSandbox('while :; do cat /etc/hostname; done'), {});
  setTimeout(() => controller.abort(), 300);
  await t.throwsAsync(run, { instanceOf: Cancelled });
  await own.close();
});

test.serial('where the machine refuses, programs run all the same, and that is told once', async (t) => {
  const script = fileURLToPath(new URL('../../../support/untraced.ts', import.meta.url));
  const refused = ['strace', '-f', '-o', '/dev/null', '-e', 'trace=seccomp', '-e', 'inject=seccomp:error=EPERM'];
  const { stdout } = await run([...refused, process.execPath, script]);
  t.deepEqual(JSON.parse(stdout), {
    said: ['one\n', 'two'],
    trace: null,
    messages: [
      'programs cannot be traced here, so scriptlets and dracut run in every compose: seccomp(2), which takes Linux 5.19, fails: EPERM',
    ],
  });
});

test.serial('a tracer that was not used need not be closed in any special way', async (t) => {
  await t.notThrowsAsync(tracer(engineContext({ events, signal: new AbortController().signal })).close());
});

test.serial('a process that ends while its programs are traced does not wait for them', async (t) => {
  const modules = ['compose/rootfs/trace/tracer.ts', 'compose/context.ts', 'lib/events.ts'].map((name) =>
    JSON.stringify(new URL(`../../../../${name}`, import.meta.url)),
  );
  const script = `
    import { tracer } from ${modules[0]};
    import { engineContext } from ${modules[1]};
    import { Events } from ${modules[2]};
    const own = tracer(engineContext({ events: new Events(), signal: new AbortController().signal }));
    await own.run(${JSON.stringify(inSandbox('true'))}, {});
    void own.run(${JSON.stringify(inSandbox('while :; do cat /etc/hostname; done'))}, {});
    setTimeout(() => process.exit(0), 100);`;
  await t.notThrowsAsync(run([process.execPath, '--input-type=module', '--eval', script], { timeoutMs: 60_000 }));
});
