// What the operating system says about a path (permission, a file where a folder is due, …), as a sentence that says where and what to do.

import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from './errors.ts';
import { finalNameOf } from './files.ts';

interface Reason {
  /** Fits behind "PATH cannot be made: ". */
  readonly words: string;
  readonly hint: string;
}

/** What a user can mend; see errno(3). ENOENT is not here: a path that should be there and is not has sentences of its own. */
const reasons: Readonly<Record<string, Reason>> = {
  EACCES: { words: 'permission denied', hint: 'name a place that this user may write to, or give it to this user' },
  EPERM: { words: 'the operation is not permitted', hint: 'name a place that this user owns' },
  EROFS: { words: 'the file system is read-only', hint: 'name a place on a file system that can be written' },
  ENOTDIR: { words: 'a file is where a folder is due', hint: 'name another place, or move that file away' },
  EEXIST: { words: 'something else is there already', hint: 'name another place, or move away what is there' },
  EISDIR: { words: 'it is a folder', hint: 'name a file' },
  ENAMETOOLONG: { words: 'the name is too long', hint: 'name a shorter path' },
  ELOOP: { words: 'symbolic links lead in a circle', hint: 'mend the links, or name another place' },
  EMFILE: { words: 'too many files are open', hint: 'raise the limit, e.g. with `ulimit -n 4096`' },
};

/** By system call; anything else "cannot be used". */
const attempts: Readonly<Record<string, string>> = {
  mkdir: 'made',
  open: 'opened',
  scandir: 'read',
  unlink: 'removed',
  rmdir: 'removed',
  rm: 'removed',
  rename: 'renamed',
  copyfile: 'copied',
};

/** Why a file or folder cannot be read, as words behind "cannot be read: ". */
export function whyUnreadable(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'no such file' : (reasons[code]?.words ?? message);
}

const checkout = new URL('..', import.meta.url).pathname;

/** The error as a `UserError`, or null when it is of another kind or about a file of Slipway itself. */
export function explainFileSystemError(error: unknown): UserError | null {
  const { code = '', path, syscall = '' } = (error ?? {}) as NodeJS.ErrnoException;
  const reason = reasons[code === 'ENOENT' && syscall === 'mkdir' && path !== undefined ? refusal(path) : code];
  if (!(error instanceof Error) || reason === undefined || typeof path !== 'string' || path.startsWith(checkout)) {
    return null;
  }
  const message = `${finalNameOf(path)} cannot be ${attempts[syscall] ?? 'used'}: ${reason.words}`;
  return new UserError('path-unusable', message, { hint: reason.hint, cause: error });
}

/** Node's recursive mkdir says ENOENT of all that a folder which is there refuses, e.g. on a read-only file system. */
function refusal(path: string): string {
  try {
    accessSync(dirname(path), constants.W_OK);
    return 'EPERM'; // as in /proc
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}
