// seccomp user notification, seccomp_unotify(2): a thread and all that it starts wait at certain system calls until another thread, which has
// looked at what the call asks for, lets them go on. Structures are those of linux/seccomp.h.

import { koffi, lastErrorName } from '../../../lib/koffi.ts';
import type { Architecture } from './calls.ts';
import { traceFilter } from './filter.ts';

const libc = koffi.load('libc.so.6');
const prctl = libc.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
const syscall = libc.func('long syscall(long number, unsigned long operation, unsigned long flags, uint8_t *argument)');
const ioctlBuffer = libc.func('ioctl', 'int', ['int', 'unsigned long', 'uint8_t *']);
const ioctlValue = libc.func('ioctl', 'int', ['int', 'unsigned long', 'unsigned long']);
const poll = libc.func('int poll(uint8_t *waiting, unsigned long count, int timeout)');
const close = libc.func('int close(int descriptor)');
const gettid = libc.func('int gettid()');
const processVmReadv = libc.func(
  'intptr_t process_vm_readv(int pid, uint8_t *local, unsigned long locals, uint8_t *remote, unsigned long remotes, unsigned long flags)',
);

const noNewPrivileges = 38; // PR_SET_NO_NEW_PRIVS
const setModeFilter = 1;
const newListener = 1 << 3;
/** Only a deadly signal ends the wait: others would make calls fail that never fail otherwise. Since Linux 5.19. */
const waitKillable = 1 << 5;
const receiveRequest = 0xc050_2100; // SECCOMP_IOCTL_NOTIF_RECV
const sendRequest = 0xc018_2101; // SECCOMP_IOCTL_NOTIF_SEND
const setFlagsRequest = 0x4008_2104; // SECCOMP_IOCTL_NOTIF_SET_FLAGS
/** Waker and woken take turns on one processor, which saves the way to another. Since Linux 6.6. */
const syncWakeUp = 1;
const continueFlag = 1;
const pollIn = 1;
const pollWaitMs = 100;

/**
 * From here on the calling thread, and each process that it starts, waits at the traced calls.
 * @returns the descriptor, of this process, that `nextCall` takes, and the thread's id
 * @throws Error where the machine does not allow it
 */
export function traceThisThread(architecture: Architecture): { listener: number; thread: number } {
  const filter = traceFilter(architecture);
  const program = Buffer.alloc(16); // struct sock_fprog
  program.writeUInt16LE(filter.length / 8, 0);
  program.writeBigUInt64LE(koffi.address(filter), 8);
  const thread = gettid();
  countProcessors();
  if (prctl(noNewPrivileges, 1, 0, 0, 0) !== 0) throw failure('PR_SET_NO_NEW_PRIVS');
  const listener = Number(syscall(architecture.seccomp, setModeFilter, newListener | waitKillable, program));
  if (listener < 0) throw failure('seccomp(2), which takes Linux 5.19,');
  ioctlValue(listener, setFlagsRequest, syncWakeUp); // older kernels are slower without
  return { listener, thread };
}

/**
 * The first thread of a process that has to wait for one of V8's locks counts the processors, which reads a file, and the others wait until it has:
 * for ever, were it the traced one before its calls are answered. So it is done at once: `absl::base_internal::NumCPUs()`.
 */
function countProcessors(): void {
  try {
    koffi.load(null).func('int _ZN4absl13base_internal7NumCPUsEv()')();
  } catch {
    // A V8 without abseil's locks has no such function.
  }
}

/** A process that waits at a system call. Valid until the next call of `nextCall` of its listener. */
export interface WaitingCall {
  /** Id of the thread. */
  readonly pid: number;
  readonly number: number;
  /** AUDIT_ARCH_*. */
  readonly audit: number;
  /** An argument that is a number. */
  argument(index: number): number;
  /** The text that an argument points to, `offset` bytes on, in UTF-8; empty when it points nowhere. */
  text(index: number, offset?: number): string;
  /** 32 bits of what an argument points to, `offset` bytes on; 0 when it points nowhere. */
  word(index: number, offset?: number): number;
  goOn(): void;
}

/** Reads what a listener has to tell, one call at a time. */
export interface CallListener {
  /** Waits for the next one; null when the wait was in vain for a moment, so that a worker thread can be ended. */
  next(): WaitingCall | null;
}

/** @throws Error from `next`, `text` and `word` when the kernel refuses */
export function callListener(listener: number): CallListener {
  const waiting = Buffer.alloc(8); // struct pollfd
  waiting.writeInt32LE(listener, 0);
  waiting.writeInt16LE(pollIn, 4);
  const notification = Buffer.alloc(80); // struct seccomp_notif
  const reply = Buffer.alloc(24); // struct seccomp_notif_resp
  reply.writeUInt32LE(continueFlag, 20);
  const page = Buffer.alloc(4096);
  const local = Buffer.alloc(16); // struct iovec
  local.writeBigUInt64LE(koffi.address(page), 0);
  const remote = Buffer.alloc(16);

  /** Reads up to the end of a page: a longer read would fail as a whole where the next one is not there. */
  const readPage = (pid: number, address: bigint): number => {
    const length = page.length - Number(address & 0xfffn);
    local.writeBigUInt64LE(BigInt(length), 8);
    remote.writeBigUInt64LE(address, 0);
    remote.writeBigUInt64LE(BigInt(length), 8);
    const read = Number(processVmReadv(pid, local, 1, remote, 1, 0));
    if (read >= 0) return read;
    const { EFAULT, ESRCH } = koffi.os.errno;
    if (koffi.errno() === EFAULT || koffi.errno() === ESRCH) return 0; // a bad address, or the process was killed
    throw failure('process_vm_readv(2)');
  };
  const addressOf = (index: number): bigint => notification.readBigUInt64LE(32 + index * 8);

  const call = {
    pid: 0,
    number: 0,
    audit: 0,
    argument: (index: number) => notification.readInt32LE(32 + index * 8),
    text(index: number, offset = 0) {
      const parts: Buffer[] = [];
      for (let address = addressOf(index) + BigInt(offset); ; ) {
        const read = readPage(call.pid, address);
        const end = page.subarray(0, read).indexOf(0);
        if (end >= 0 && parts.length === 0) return page.toString('utf8', 0, end); // nearly all
        parts.push(Buffer.from(page.subarray(0, end < 0 ? read : end)));
        if (end >= 0 || read === 0) return Buffer.concat(parts).toString('utf8'); // a letter may lie on both sides
        address += BigInt(read);
      }
    },
    word: (index: number, offset = 0) =>
      readPage(call.pid, addressOf(index) + BigInt(offset)) < 4 ? 0 : page.readInt32LE(0),
    goOn() {
      notification.copy(reply, 0, 0, 8);
      ioctlBuffer(listener, sendRequest, reply); // fails only for a process that was killed meanwhile
    },
  };
  return {
    next() {
      if (poll(waiting, 1, pollWaitMs) <= 0) return null;
      notification.fill(0); // the kernel insists
      if (ioctlBuffer(listener, receiveRequest, notification) !== 0) {
        const { EINTR, ENOENT } = koffi.os.errno;
        if (koffi.errno() === EINTR || koffi.errno() === ENOENT) return null; // killed before it could be asked
        throw failure('SECCOMP_IOCTL_NOTIF_RECV');
      }
      call.pid = notification.readUInt32LE(8);
      call.number = notification.readInt32LE(16);
      call.audit = notification.readUInt32LE(20);
      return call;
    },
  };
}

/** Whoever waits goes on, and fails with ENOSYS, as do all later calls. */
export function closeListener(listener: number): void {
  close(listener);
}

function failure(what: string): Error {
  return new Error(`${what} fails: ${lastErrorName()}`);
}
