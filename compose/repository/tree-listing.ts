// What a commit holds, path by path, as `ostree ls` tells it: type, mode, owner, size, checksum and extended attributes.

import { run } from '../../lib/run.ts';
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
  const { stdout } = await run(listArgv(repo, commit), context.runOptions);
  const entries = stdout.split('\n').flatMap((line) => (line === '' ? [] : [parseEntry(line)]));
  return new Map(entries.map((entry) => [entry.path, entry]));
}

export function listArgv(repo: string, commit: string): string[] {
  return ['ostree', `--repo=${repo}`, 'ls', '-R', '-C', '-X', commit];
}

const line = /^([-dl])(\d+) (\d+) (\d+) +(\d+) (?:[0-9a-f]{64} )?([0-9a-f]{64}) \{ (.*?) \} (\/.*)$/;
const types: Readonly<Record<string, FileType>> = { '-': 'file', d: 'directory', l: 'symlink' };

/** @throws Error for a line of another form, which is a bug of ours or news of ostree's */
export function parseEntry(text: string): TreeEntry {
  const [, letter, mode, uid, gid, size, checksum, attributes, rest] = line.exec(text) ?? [];
  if (rest === undefined) throw new Error(`ostree ls printed a line that is not understood: ${text}`);
  const type = types[letter!]!;
  const [path, target = null] = type === 'symlink' ? splitOnce(rest, ' -> ') : [rest];
  return {
    path,
    type,
    mode: Number.parseInt(mode!, 8),
    uid: Number(uid),
    gid: Number(gid),
    size: type === 'file' ? Number(size) : 0,
    checksum: checksum!,
    target,
    attributes: parseAttributes(attributes!),
  };
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

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
