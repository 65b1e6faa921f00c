// Opens Debian packages: each an ar archive of a control tar and a data tar, each compressed (deb(5)).

import { spawn } from 'node:child_process';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { missingTool } from '../../../lib/command-line.ts';
import { parseStanza } from './control.ts';
import { readTar, type TarEntry } from './tar.ts';
import { xzContentSize } from './xz.ts';

export interface Deb {
  readonly control: ReadonlyMap<string, string>;
  /** Absolute paths of configuration files. */
  readonly conffiles: ReadonlySet<string>;
  readonly entries: readonly TarEntry[];
}

/**
 * Opens packages together: starting xz costs more than most packages take to unpack.
 * @throws Error when bytes are not a Debian package or are damaged
 */
export async function readDebs(packages: readonly Buffer[]): Promise<Deb[]> {
  const members = packages.map((bytes) => {
    return [...arMembers(bytes)].filter(({ name }) => /^(?:control|data)\.tar(?:\.|$)/.test(name));
  });
  const contents = await decompressMembers(members.flat());
  return members.map((own) => {
    const [controlTar, dataTar] = contents.splice(0, own.length);
    if (controlTar === undefined || dataTar === undefined) {
      throw new Error('a Debian package holds control.tar and data.tar');
    }
    return debOf(controlTar, dataTar);
  });
}

function debOf(controlTar: Buffer, dataTar: Buffer): Deb {
  const controlFiles = new Map(
    [...readTar(controlTar)].map((entry) => [entry.name.replace(/^\.\//, ''), entry.content]),
  );
  const control = controlFiles.get('control');
  if (control === undefined) throw new Error('control.tar holds no file control');
  const conffiles = controlFiles.get('conffiles')?.toString('utf8').split('\n') ?? [];
  return {
    control: parseStanza(control.toString('utf8')),
    conffiles: new Set(conffiles.map((line) => line.trim()).filter((line) => line.startsWith('/'))),
    entries: [...readTar(dataTar)],
  };
}

interface ArMember {
  readonly name: string;
  readonly content: Buffer;
}

export function* arMembers(bytes: Buffer): Generator<ArMember> {
  if (bytes.toString('latin1', 0, 8) !== '!<arch>\n') throw new Error('not an ar archive');
  for (let offset = 8; offset + 60 <= bytes.length; ) {
    const name = bytes
      .toString('latin1', offset, offset + 16)
      .trim()
      .replace(/\/$/, '');
    const size = Number.parseInt(bytes.toString('latin1', offset + 48, offset + 58), 10);
    const start = offset + 60;
    if (!(size >= 0) || start + size > bytes.length) throw new Error(`the ar archive ends within ${name}`);
    yield { name, content: bytes.subarray(start, start + size) };
    offset = start + size + (size % 2);
  }
}

// Node has no xz. Streams that stand behind each other are one to xz(1), so one process does for all members; where the output of
// each ends is read from its index.
async function decompressMembers(members: readonly ArMember[]): Promise<Buffer[]> {
  const xz = members.filter(({ name }) => name.endsWith('.xz')).map(({ content }) => content);
  const whole = xz.length === 0 ? Buffer.alloc(0) : await unxz(xz);
  let offset = 0;
  return members.map(({ name, content }) => {
    if (name.endsWith('.gz')) return gunzipSync(content);
    if (name.endsWith('.zst')) return zstdDecompressSync(content);
    if (!name.endsWith('.xz')) return content;
    const start = offset;
    offset += xzContentSize(content);
    return whole.subarray(start, offset);
  });
}

// Not by lib/run.ts, which gives text: this is 100 MB of bytes for the largest packages, and their number is known before.
function unxz(streams: readonly Buffer[]): Promise<Buffer> {
  const content = Buffer.allocUnsafeSlow(streams.reduce((sum, stream) => sum + xzContentSize(stream), 0));
  return new Promise((resolve, reject) => {
    const child = spawn('xz', ['--decompress', '--stdout', '--threads=1'], { stdio: ['pipe', 'pipe', 'ignore'] });
    let filled = 0;
    child.stdout.on('data', (piece: Buffer) => {
      filled += piece.copy(content, filled);
    });
    child.on('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? missingTool('xz') : error));
    child.on('close', (exitCode) => {
      if (exitCode === 0 && filled === content.length) resolve(content);
      else reject(new Error(`xz ended with ${exitCode} after ${filled} of ${content.length} bytes`));
    });
    child.stdin.on('error', () => {}); // the exit status tells the story
    for (const stream of streams) child.stdin.write(stream);
    child.stdin.end();
  });
}
