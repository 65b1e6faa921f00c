import test from 'ava';
import { architectureOf } from '../../../../compose/rootfs/trace/calls.ts';
import { type Trace, traceRecord } from '../../../../compose/rootfs/trace/record.ts';
import type { WaitingCall } from '../../../../compose/rootfs/trace/seccomp.ts';
import type { ThreadView } from '../../../../compose/rootfs/trace/thread-view.ts';

const x64 = architectureOf('x64')!;
const sandbox = 1;
const program = 2;
const working = -100;

/** A call of the program: strings are texts that the arguments point to. */
function call(number: number, words: readonly (string | number)[], pid = program, audit = x64.audit): WaitingCall {
  const text = (index: number): string => (typeof words[index] === 'string' ? (words[index] as string) : '');
  const argument = (index: number): number => (typeof words[index] === 'number' ? (words[index] as number) : 0);
  return { pid, number, audit, text, argument, word: argument, goOn: () => {} };
}

const start = [
  call(59, ['/usr/bin/bwrap'], sandbox),
  call(257, [working, '/oldroot/secret'], sandbox),
  call(155, ['.', '.'], 3),
  call(59, ['/usr/bin/sh']),
];

const folders: ThreadView['folderOf'] = (_thread, which) =>
  ({ cwd: '/etc', root: '/', 5: '/usr/lib' })[which as 'cwd' | 'root' | 5] ?? null;

const interpreterOf: ThreadView['interpreterOf'] = (_thread, program) =>
  ({ '/usr/bin/tool': '/usr/bin/perl', '/usr/bin/perl': '/lib/ld.so', '/tmp/made': '/usr/bin/awk', 5: '/usr/bin/sed' })[
    program
  ] ?? null;

const wayIntoTree: ThreadView['wayIntoTree'] = (_thread, path) => (path === '/tmp/link/a' ? '/etc/a' : null);

function recorded(calls: readonly WaitingCall[], folderOf = folders): Trace {
  const record = traceRecord(x64, { folderOf, interpreterOf, wayIntoTree, rootsDiffer: () => {}, close: () => {} });
  for (const each of calls) record.add(each);
  return record.end();
}

const toolPaths = ['/usr/bin/tool', '/usr/bin/perl', '/lib/ld.so'];

/** What a trace tells besides the program itself. */
const cases: readonly (readonly [title: string, call: WaitingCall, paths: readonly string[]])[] = [
  ['a file that was opened', call(257, [working, '/etc/a']), ['/etc/a']],
  ['an older call', call(2, ['/etc/a']), ['/etc/a']],
  ['a path from the working folder', call(21, ['b']), ['/etc', '/etc/b']],
  ['a path from the working folder, of a new call', call(262, [working, 'b']), ['/etc', '/etc/b']],
  ['a path below an open folder', call(257, [5, 'b']), ['/usr/lib', '/usr/lib/b']],
  ['a file opened by openat2', call(437, [5, 'b', 0]), ['/usr/lib', '/usr/lib/b']],
  ['a descriptor of its own under /proc', call(257, [working, '/proc/self/fd/5']), ['/proc/self/fd/5']],
  ['both ends of a rename', call(264, [working, '/x', 5, 'y']), ['/usr/lib', '/usr/lib/y', '/x']],
  ['the place of a link, not where it leads to', call(88, ['/target', '/link']), ['/link']],
  ['.. as it is, because of links on the way', call(2, ['/a/../b']), ['/a/../b']],
  ['programs looked for in vain', call(59, ['/usr/local/bin/id']), ['/usr/local/bin/id']],
  ['the interpreter of a program, and its loader', call(59, ['/usr/bin/tool']), toolPaths],
  ['the interpreter of a program in a folder that is not kept', call(59, ['/tmp/made']), ['/tmp/made', '/usr/bin/awk']],
  ['the interpreter of a program that is started by its descriptor', call(322, [5, '']), ['/usr/bin/sed']],
  ['a way through a link that is not kept', call(2, ['/tmp/link/a']), ['/tmp/link/a', '/etc/a']],
  ['what is asked to be unmounted', call(166, ['/a']), ['/a']],
  ['no path where a call is about an open file', call(262, [5, '']), []],
  ['no path below something that is not open', call(257, [9, 'b']), []],
];

for (const [title, each, paths] of cases) {
  test(`a trace tells ${title}`, (t) => {
    const trace = recorded([...start, each]);
    t.deepEqual([...trace.paths].sort(), ['/usr/bin/sh', ...paths].sort());
    t.true(trace.complete);
  });
}

test('a trace tells directories that were listed', (t) => {
  t.deepEqual(recorded([...start, call(217, [5]), call(217, [9])]).listed, ['/usr/lib']);
});

test('a program may enter a folder that is not of the tree: what it names there does not count', (t) => {
  const inside: ThreadView['folderOf'] = (thread, which) =>
    which === 'root' && thread === 7 ? '/tmp/image' : folders(thread, which);
  const trace = recorded([...start, call(161, ['/tmp/image'], 7), call(2, ['/etc/a'], 7), call(2, ['/etc/b'])], inside);
  t.true(trace.complete);
  t.deepEqual(trace.paths, ['/usr/bin/sh', '/etc/b']);
});

const incomplete: readonly (readonly [
  title: string,
  calls: readonly WaitingCall[],
  folderOf?: ThreadView['folderOf'],
])[] = [
  ['another way to files', [call(425, [8, 0])]],
  ['a tree opened as by a mount', [call(467, [working, '/etc/a'])]],
  ['a mount', [call(165, ['/a', '/b'])]],
  ['a process in another tree', [call(56, [0x0002_0011])]],
  ['an open folder as root', [call(437, [5, '/etc/a', 0x10])]],
  ['a way through the root of a process', [call(2, ['/proc/1/root/etc/a'])]],
  ['a name that is not UTF-8', [call(2, ['/etc/\ufffd'])]],
  ['a way through an open folder', [call(257, [working, '/proc/self/fd/5/a'])]],
  ['such a way by another name', [call(257, [working, '/dev/fd/5/a'])]],
  ['such a process by the new call', [call(435, [0x1000_0000])]],
  ['a call of 32-bit programs', [call(5, ['/etc/a'], program, 0x4000_0003)]],
  [
    'another part of the tree as root',
    [call(161, ['/srv']), call(2, ['/etc/a'])],
    (thread, which) => (which === 'root' ? '/srv' : folders(thread, which)),
  ],
  [
    'a folder that we may not know',
    [call(21, ['b'])],
    () => {
      throw new Error('EACCES');
    },
  ],
];

for (const [title, calls, folderOf] of incomplete) {
  test(`a trace is not complete after ${title}`, (t) => {
    t.false(recorded([...start, ...calls], folderOf).complete);
  });
}

test('a trace is not complete when the program never started', (t) => {
  t.false(recorded([]).complete);
  t.false(recorded(start.slice(0, 3)).complete);
});
