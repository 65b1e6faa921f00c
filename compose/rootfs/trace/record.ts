// Waiting calls -> what a program looked at. Pure, given the calls and where open folders are.

import { outsideOfTree } from '../sandbox.ts';
import { type Architecture, newTreeFlags, openInRoot, pathAddress } from './calls.ts';
import type { WaitingCall } from './seccomp.ts';
import { type ThreadView, threadView } from './thread-view.ts';

/** What a program looked at. Every path counts, whether something was there or not; it is no harm to count one too many. */
export interface Trace {
  /**
   * Absolute paths inside the tree that were opened, asked about, changed or started, also in vain, with the interpreters and loaders of what was
   * started. Links are not resolved.
   */
  readonly paths: readonly string[];
  /** Directories whose names were read. */
  readonly listed: readonly string[];
  /** False when something happened that such a trace cannot tell of; the result must not be used again. */
  readonly complete: boolean;
}

export interface TraceRecord {
  add(call: WaitingCall): void;
  /** The whole trace; nothing can be added any more. */
  end(): Trace;
}

/** Something below a folder that a process has open, or its root: a way to the tree that its names do not tell, proc(5). */
const throughProcess = /^\/(?:proc\/.*\/(?:root|cwd|fd\/\d+)|dev\/fd\/\d+)\/+[^/]/;

/** What stands for bytes that are not UTF-8: which name it was is not known. */
const noText = '\ufffd';

/** AT_FDCWD, openat(2). */
const workingFolder = -100;

/**
 * Of a sandboxed program: what the sandbox does before it starts the program is left out. bwrap runs the program in another process than its
 * own, whose first attempt to start something is the beginning.
 */
export function traceRecord({ audit, calls }: Architecture, view: ThreadView = threadView()): TraceRecord {
  const { folderOf, interpreterOf, wayIntoTree } = view;
  const paths = new Set<string>();
  const listed = new Set<string>();
  const interpreters = new Set<string>();
  let sandbox: number | null = null;
  let started = false;
  let complete = true;
  let otherRoots = false;

  const addNamed = (call: WaitingCall, folder: number | null, path: number): string | null =>
    addText(call, call.text(path), folder);
  const addText = (call: WaitingCall, text: string, folder: number | null): string | null => {
    if (text === '') return null; // the descriptor itself, which was opened before
    if (throughProcess.test(text) || text.includes(noText)) complete = false;
    if (text.startsWith('/')) return otherRoots && hasOtherRoot(call.pid) ? null : addFollowed(call.pid, text);
    const descriptor = folder === null ? workingFolder : call.argument(folder);
    const base = folderOf(call.pid, descriptor === workingFolder ? 'cwd' : descriptor);
    if (base === null) return null;
    paths.add(base); // its permissions count
    return addFollowed(call.pid, base === '/' ? `/${text}` : `${base}/${text}`);
  };
  /** dracut enters its unfinished image, which is no part of the tree; a way through another part of the tree is not followed. */
  const hasOtherRoot = (thread: number): boolean => {
    const root = folderOf(thread, 'root');
    if (root === null || root === '/') return false;
    if (!outsideOfTree.test(root.slice(1))) complete = false;
    return true;
  };
  const addFollowed = (thread: number, path: string): string => {
    const way = wayIntoTree(thread, path);
    if (way !== null) paths.add(way);
    return add(path);
  };
  // `..` stays: what it leads to depends on links on the way.
  const add = (path: string): string => {
    paths.add(path);
    return path;
  };

  /** The kernel opens them by itself, and theirs. */
  const addInterpreters = (thread: number, program: string | number): void => {
    const interpreter = interpreterOf(thread, program);
    if (interpreter === null || interpreters.has(interpreter)) return;
    interpreters.add(interpreter);
    addInterpreters(thread, add(interpreter));
  };

  return {
    add(call) {
      sandbox ??= call.pid;
      const kind = call.audit === audit ? calls.get(call.number) : undefined;
      started ||= call.pid !== sandbox && kind?.kind === 'names' && kind.startsProgram;
      if (!started) return;
      try {
        switch (kind?.kind) {
          case 'names':
            for (const { folder, path } of kind.files) {
              const named = addNamed(call, folder, path);
              if (!kind.startsProgram) continue;
              if (named !== null) addInterpreters(call.pid, named);
              else if (folder !== null && call.text(path) === '') addInterpreters(call.pid, call.argument(folder));
            }
            break;
          case 'opens':
            for (const { folder, path } of kind.files) addNamed(call, folder, path);
            if ((call.word(openInRoot.argument, openInRoot.offset) & openInRoot.flag) !== 0) complete = false;
            break;
          case 'addresses': {
            const address = kind.address;
            if ((call.word(address) & 0xffff) !== pathAddress.family) break;
            addText(call, call.text(address, pathAddress.offset), null);
            break;
          }
          case 'lists': {
            const folder = folderOf(call.pid, call.argument(0));
            if (folder !== null) listed.add(folder);
            break;
          }
          case 'changes-root':
            otherRoots = true;
            view.rootsDiffer();
            break;
          case 'clones':
            if (((kind.flags === 'pointer' ? call.word(0) : call.argument(0)) & newTreeFlags) !== 0) complete = false;
            break;
          default: // also calls of another architecture's table
            complete = false;
        }
      } catch {
        complete = false; // the kernel does not let us see
      }
    },
    end() {
      view.close();
      return { paths: [...paths], listed: [...listed], complete: started && complete };
    },
  };
}
