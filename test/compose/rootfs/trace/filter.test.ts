import test from 'ava';
import { type Architecture, architectureOf } from '../../../../compose/rootfs/trace/calls.ts';
import { traceFilter } from '../../../../compose/rootfs/trace/filter.ts';

const x64 = architectureOf('x64')!;
const arm64 = architectureOf('arm64')!;

/** Runs classic BPF over `struct seccomp_data`, as the kernel does; the instructions are those of linux/bpf_common.h. */
function decide(program: Buffer, data: Buffer): 'report' | 'allow' {
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const code = program.readUInt16LE(at * 8);
    const [yes, no, operand] = [program[at * 8 + 2]!, program[at * 8 + 3]!, program.readUInt32LE(at * 8 + 4)];
    const jump = (condition: boolean): void => {
      at += condition ? yes : no;
    };
    if (code === 0x20) accumulator = data.readUInt32LE(operand);
    else if (code === 0x15) jump(accumulator === operand);
    else if (code === 0x35) jump(accumulator >= operand);
    else if (code === 0x45) jump((accumulator & operand) !== 0);
    else if (code === 0x06 && operand === 0x7fc0_0000) return 'report';
    else if (code === 0x06 && operand === 0x7fff_0000) return 'allow';
    else throw new Error(`instruction ${code} with ${operand}`);
  }
}

function data(number: number, audit: number, argument = 0): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(number, 0);
  bytes.writeUInt32LE(audit, 4);
  bytes.writeUInt32LE(argument >>> 0, 16);
  return bytes;
}

const cases: readonly (readonly [
  title: string,
  architecture: Architecture,
  bytes: Buffer,
  answer: 'report' | 'allow',
])[] = [
  ['openat', x64, data(257, x64.audit), 'report'],
  ['openat of arm64', arm64, data(56, arm64.audit), 'report'],
  ['execve', x64, data(59, x64.audit), 'report'],
  ['getdents64', x64, data(217, x64.audit), 'report'],
  ['read', x64, data(0, x64.audit), 'allow'],
  ['write of arm64', arm64, data(64, arm64.audit), 'allow'],
  ['a fork', x64, data(56, x64.audit, 0x0120_0011), 'allow'],
  ['a clone with another tree', x64, data(56, x64.audit, 0x0002_0011), 'report'],
  ['a clone as another user', x64, data(56, x64.audit, 0x1000_0011), 'report'],
  ['a call of 32-bit programs', x64, data(3, 0x4000_0003), 'report'],
  ['a call of the x32 table', x64, data(0x4000_0000, x64.audit), 'report'],
];

for (const [title, architecture, bytes, answer] of cases) {
  test(`traceFilter(): ${answer} ${title}`, (t) => {
    t.is(decide(traceFilter(architecture), bytes), answer);
  });
}

test('traceFilter() reports each call of the table, and fits the kernel and its jumps', (t) => {
  for (const architecture of [x64, arm64]) {
    const filter = traceFilter(architecture);
    t.true(filter.length / 8 <= 255);
    for (const [number, call] of architecture.calls) {
      if (call.kind === 'clones' && call.flags === 'argument') continue;
      t.is(decide(filter, data(number, architecture.audit)), 'report', `call ${number}`);
    }
  }
});
