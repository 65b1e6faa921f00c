// Writes an RPM that ostree cannot read by itself as a tar archive: paths usr-merged, devices and pipes left out (OSTree cannot hold
// them), executables without write permission where the treefile wants it so. Content is passed on as it comes: a package may hold files
// larger than memory.

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isDirectory, isRegularFile, isSymbolicLink, type RpmFileEntry } from '../../lib/rpm/files.ts';
import { type PayloadEntry, rpmPayload } from '../../lib/rpm/payload.ts';
import { readRpmHeader } from '../../lib/rpm/read.ts';
import { tarEnd, tarHeader, tarPadding } from '../../lib/tar.ts';
import { type EnginePackage, packagedFiles } from './package.ts';
import { treePath } from './paths.ts';

/** Writes the archive into `folder` and gives its path. */
export async function convertToTar(
  file: Pick<EnginePackage, 'digest' | 'path' | 'readonlyExecutables'>,
  folder: string,
): Promise<string> {
  const archive = join(folder, `${file.digest.replace(':', '-')}.tar`);
  await pipeline(Readable.from(tarEntries(file.path, file.readonlyExecutables)), createWriteStream(archive));
  return archive;
}

async function* tarEntries(path: string, readonlyExecutables: boolean): AsyncGenerator<Buffer> {
  const header = await readRpmHeader(path);
  const files = packagedFiles(header, readonlyExecutables);
  // Names of a hard-linked file that came before its content.
  const waiting = new Map<number, RpmFileEntry[]>();
  yield tarHeader({ type: 'directory', path: './', mode: 0o755 });
  for await (const entry of rpmPayload(header, files)) {
    const { file } = entry;
    if (isRegularFile(file) && entry.links > 1 && entry.size === 0 && file.size > 0) {
      waiting.set(entry.inode, [...(waiting.get(entry.inode) ?? []), file]);
      continue;
    }
    yield* asTar(file, entry);
    for (const { path: name } of waiting.get(entry.inode) ?? []) {
      yield tarHeader({ type: 'hardlink', path: archived(name), mode: permissions(file), target: archived(file.path) });
    }
    waiting.delete(entry.inode);
  }
  yield tarEnd();
}

async function* asTar(file: RpmFileEntry, { size, content }: PayloadEntry): AsyncGenerator<Buffer> {
  const path = archived(file.path);
  const mode = permissions(file);
  if (isDirectory(file)) yield tarHeader({ type: 'directory', path: `${path}/`, mode });
  else if (isSymbolicLink(file)) {
    yield tarHeader({ type: 'symlink', path, mode: 0o777, target: (await collect(content)).toString() });
  } else if (isRegularFile(file)) {
    yield tarHeader({ type: 'file', path, mode, size });
    yield* content;
    yield tarPadding(size);
  }
}

function archived(path: string): string {
  return `.${treePath(path)}`;
}

function permissions({ mode }: RpmFileEntry): number {
  return mode & 0o7777;
}

async function collect(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
}
