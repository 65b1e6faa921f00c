// The program that the kernel runs at each system call of a traced process, to tell whether the call is to be reported first: classic
// BPF over `struct seccomp_data`, as seccomp(2) and bpf(4) describe it. Pure.

import { type Architecture, newTreeFlags } from './calls.ts';

/** Calls from here on are of the x32 table, which few kernels still have. */
const x32Calls = 0x4000_0000;

const load = 0x20; // BPF_LD | BPF_W | BPF_ABS
const jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const jumpIfAtLeast = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const jumpIfAnyBit = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const answer = 0x06; // BPF_RET | BPF_K
const report = 0x7fc0_0000; // SECCOMP_RET_USER_NOTIF
const allow = 0x7fff_0000; // SECCOMP_RET_ALLOW

/** Offsets in `struct seccomp_data`. */
const callNumber = 0;
const architectureNumber = 4;
const firstArgument = 16;

/** @returns `struct sock_filter` after `struct sock_filter`, 8 bytes each */
export function traceFilter({ audit, calls }: Architecture): Buffer {
  const numbers = [...calls.keys()].filter((number) => !isCheckedByArgument(number, calls));
  const cloning = [...calls.keys()].filter((number) => isCheckedByArgument(number, calls));
  const program: Buffer[] = [];
  // Jumps are counted from the next instruction; the last two are the answers.
  const length = 4 + numbers.length + cloning.length * 3 + 2;
  const toReport = (): number => length - 1 - program.length - 1;
  const toAllow = (): number => length - 2 - program.length - 1;
  program.push(instruction(load, architectureNumber));
  program.push(instruction(jumpIfEqual, audit, 0, toReport()));
  program.push(instruction(load, callNumber));
  program.push(instruction(jumpIfAtLeast, x32Calls, toReport(), 0));
  for (const number of numbers) program.push(instruction(jumpIfEqual, number, toReport(), 0));
  for (const number of cloning) {
    program.push(instruction(jumpIfEqual, number, 0, 2));
    program.push(instruction(load, firstArgument));
    program.push(instruction(jumpIfAnyBit, newTreeFlags, toReport(), toAllow()));
  }
  program.push(instruction(answer, allow), instruction(answer, report));
  return Buffer.concat(program);
}

/** Ordinary forks are many, and of no interest. */
function isCheckedByArgument(number: number, calls: Architecture['calls']): boolean {
  const call = calls.get(number);
  return call?.kind === 'clones' && call.flags === 'argument';
}

function instruction(code: number, operand: number, ifTrue = 0, ifFalse = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
}
