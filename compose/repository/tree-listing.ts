// What a commit holds, path by path, as `ostree ls` tells it: type, mode, owner, size, checksum and extended attributes.

import { type RunOptions, run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';

export type FileType = 'directory' | 'file' | 'symlink';

export interface TreeEntry {
  readonly path: string;
  readonly type: FileType;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; 0 for directories and links. */
  readonly size: number;
  /** Of a file or link: its content and everything else that is said here. Of a directory: of its own metadata, not of what is in it. */
  readonly checksum: string;
  /** Of a symbolic link, else null. */
  readonly target: string | null;
  /** Names of extended attributes -> their bytes. */
  readonly attributes: ReadonlyMap<string, Buffer>;
}

/** Path -> entry of a whole commit. */
export async function listTree(repo: string, commit: string, context: EngineContext): Promise<Map<string, TreeEntry>> {
  const entries = await readListing(repo, commit, context.runOptions);
  return new Map(entries.map((entry) => [entry.path, entry]));
}

/** Entries of a whole commit, folders before what they hold. */
export async function readListing(repo: string, commit: string, options: RunOptions): Promise<TreeEntry[]> {
  const list = async (...columns: string[]): Promise<string> =>
    (await run(['ostree', `--repo=${repo}`, 'ls', '-R', ...columns, commit], options)).stdout;
  const [text, paths] = await Promise.all([list('-C', '-X'), list('--nul-filenames-only')]);
  return parseListing(text, paths.split('\0').slice(0, -1));
}

const columns = /([-dl])(\d+) (\d+) (\d+) +(\d+) (?:[0-9a-f]{64} )?([0-9a-f]{64}) \{ /y;
const types: Readonly<Record<string, FileType>> = { '-': 'file', d: 'directory', l: 'symlink' };

/**
 * One line an entry, but names and the targets of links may hold line ends and arrows, and nothing is escaped. So the paths come from elsewhere.
 * @throws Error for a line of another form, which is a bug of ours, news of ostree's, or a name made up to look like a line
 */
export function parseListing(text: string, paths: readonly string[]): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let start = 0;
  for (const path of paths) {
    const found = columnsAt(text, start);
    const last = ` } ${path}`;
    const attributesEnd = text.indexOf(last, columns.lastIndex);
    const attributes = text.slice(columns.lastIndex, attributesEnd);
    const pathEnd = attributesEnd + last.length;
    const target = found?.[1] === 'l' ? targetAt(text, pathEnd) : null;
    const end = pathEnd + (target === null ? 0 : arrow.length + target.length);
    if (found === null || attributesEnd < 0 || attributes.includes('\n') || text[end] !== '\n') throw odd(text, start);
    const [, letter, mode, uid, gid, size, checksum] = found;
    const type = types[letter!]!;
    entries.push({
      path,
      type,
      mode: Number.parseInt(mode!, 8),
      uid: Number(uid),
      gid: Number(gid),
      size: type === 'file' ? Number(size) : 0,
      checksum: checksum!,
      target,
      attributes: parseAttributes(attributes),
    });
    start = end + 1;
  }
  if (start !== text.length) throw odd(text, start);
  return entries;
}

const arrow = ' -> ';

/** What is behind the arrow, up to the next entry. */
function targetAt(text: string, start: number): string | null {
  if (!text.startsWith(arrow, start)) return null;
  let end = text.indexOf('\n', start);
  while (end >= 0 && end + 1 < text.length && columnsAt(text, end + 1) === null) end = text.indexOf('\n', end + 1);
  return text.slice(start + arrow.length, end);
}

/** `columns.lastIndex` is then behind them. */
function columnsAt(text: string, start: number): RegExpExecArray | null {
  columns.lastIndex = start;
  return columns.exec(text);
}

function odd(text: string, start: number): Error {
  return new Error(`ostree ls printed a line that is not understood: ${text.slice(start).split('\n', 1)[0]}`);
}

/** `[(b'security.capability', [byte 0x01, …]), (b'user.x', b'text')]`: a GVariant of type a(ayay) in text form. */
export function parseAttributes(text: string): Map<string, Buffer> {
  const pairs = text.matchAll(
    /\((b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*"), (b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*"|(?:@ay )?\[[^\]]*\])\)/gs,
  );
  return new Map([...pairs].map(([, name, value]) => [readBytes(name!).subarray(0, -1).toString(), readBytes(value!)]));
}

const escapes: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

// A list of numbers, or the form for bytes that end with their only zero: escaped as g_strescape() does, the zero left out.
function readBytes(text: string): Buffer {
  if (!text.startsWith('b')) return Buffer.from([...text.matchAll(/0x[0-9a-f]{2}/g)].map(([number]) => Number(number)));
  const parts = [...text.slice(2, -1).matchAll(/\\([0-7]{1,3})|\\(.)|([^\\]+)/gs)].map(([, octal, letter, plain]) => {
    if (octal !== undefined) return Buffer.of(Number.parseInt(octal, 8));
    if (letter !== undefined) return letter in escapes ? Buffer.of(escapes[letter]!) : Buffer.from(letter);
    return Buffer.from(plain!);
  });
  return Buffer.concat([...parts, Buffer.of(0)]);
}
