import test from 'ava';
import { lastProcessor, readTrace, traceArgv } from '../../../../compose/rootfs/results/trace.ts';

const start = [
  '1 execve("/usr/bin/bwrap", [""..., ...], 0x1 /* 9 vars */) = 0',
  '1 openat(AT_FDCWD</home/builder>, "/oldroot/secret", O_RDONLY) = 3</oldroot/secret>',
  '2 execve("/usr/bin/sh", [""..., ...], 0x1 /* 9 vars */) = 0',
];

/** What a trace tells besides the program itself. */
const lines: readonly (readonly [title: string, line: string, paths: readonly string[], listed?: readonly string[]])[] =
  [
    ['a file that was opened', '2 openat(AT_FDCWD</>, "/etc/a", O_RDONLY) = 3</etc/a>', ['/etc/a']],
    ['where an opened link led to', '2 openat(AT_FDCWD</>, "/etc/a", O_RDONLY) = 3</usr/a>', ['/etc/a', '/usr/a']],
    ['a file that was not there', '2 access("/etc/b", F_OK) = -1 ENOENT (No such file or directory)', ['/etc/b']],
    ['a relative path of a new call', '2 newfstatat(AT_FDCWD</etc>, "b", 0x7ff, 0) = 0', ['/etc', '/etc/b']],
    ['a path below an open directory', '2 openat(5</etc>, "b", O_RDONLY) = -1 ENOENT (x)', ['/etc', '/etc/b']],
    ['both ends of a rename', '2 renameat(AT_FDCWD</>, "/x", AT_FDCWD</>, "/y") = 0', ['/x', '/y']],
    ['names that were read', '2 getdents64(4</etc/d>, 0x55 /* 3 entries */, 32768) = 88', ['/etc/d'], ['/etc/d']],
    ['a call that ended later', '2 openat(AT_FDCWD</>, "/etc/a", O_RDONLY <unfinished ...>', ['/etc/a']],
    ['the end of such a call', '2 <... openat resumed>) = 3</etc/a>', ['/etc/a']],
    ['letters beyond ASCII', '2 access("/etc/\\303\\244 \\"x\\"", F_OK) = 0', ['/etc/ä "x"']],
    ['no text that is cut', '2 readlink("/bin", ""..., 99) = 7', ['/bin']],
  ];

for (const [title, line, paths, listed = []] of lines) {
  test(`readTrace() tells ${title}`, (t) => {
    const trace = readTrace([...start, line].join('\n'));
    const told = trace.paths.filter((path) => path !== '/'); // the working folder
    t.deepEqual(told.sort(), ['/usr/bin/sh', ...paths].sort());
    t.deepEqual(trace.listed, listed);
    t.true(trace.complete);
  });
}

test('readTrace() takes relative paths of older calls from every folder that was entered', (t) => {
  const trace = readTrace(
    [...start, '2 chdir("/etc") = 0', '2 chdir("ssl") = 0', '3 mkdir("certs", 0777) = 0'].join('\n'),
  );
  for (const path of ['/certs', '/etc/certs', '/etc/ssl/certs']) t.true(trace.paths.includes(path), path);
});

test('readTrace() names the programs that were started, also those looked for in vain', (t) => {
  const trace = readTrace(
    [
      ...start,
      '3 execve("/usr/local/bin/id", [""...], 0x1) = -1 ENOENT (x)',
      '3 execve("/usr/bin/id", [""...], 0x1) = 0',
    ].join('\n'),
  );
  t.deepEqual(trace.programs, ['/usr/bin/sh', '/usr/local/bin/id', '/usr/bin/id']);
});

test('readTrace() says that a trace is not complete when a program got past it', (t) => {
  const complete = (line: string): boolean => readTrace([...start, line].join('\n')).complete;
  t.false(complete('2 io_uring_setup(8, 0x7ff) = 5'));
  t.false(complete('2 chroot("/srv") = 0'));
  t.true(complete('2 io_uring_setup(8, 0x7ff) = -1 EPERM (Operation not permitted)'));
  t.false(readTrace(start[0]!).complete, 'the program never started');
  t.false(readTrace('').complete);
});

test('traceArgv() runs the command under strace on one processor', (t) => {
  t.deepEqual(traceArgv(['bwrap', '--', 'sh'], '/w/trace', 3), [
    ...['taskset', '--cpu-list', '3', 'strace', '--follow-forks', '--seccomp-bpf', '--quiet=all', '--decode-fds=path'],
    ...['--string-limit=0', '--signal=none'],
    '--trace=%file,getdents,getdents64,fchdir,io_uring_setup,open_by_handle_at,chroot,pivot_root,mount,unshare,setns',
    ...['--output=/w/trace', '--', 'bwrap', '--', 'sh'],
  ]);
});

for (const [list, last] of [
  ['0-7', 7],
  ['0,2-3,9', 9],
  ['5', 5],
] as const) {
  test(`lastProcessor() of ${list} is ${last}`, (t) => {
    t.is(lastProcessor(`Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\nMems_allowed:\t1\n`), last);
  });
}
