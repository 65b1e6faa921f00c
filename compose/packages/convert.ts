// Writes an RPM that ostree cannot read by itself as a tar archive: paths usr-merged, devices and pipes left out (OSTree cannot hold
// them), hard links as copies (OSTree joins equal files anyway), executables without write permission where the treefile wants it so.

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isDirectory, isRegularFile, isSymbolicLink, type RpmFileEntry } from '../../lib/rpm/files.ts';
import { rpmPayload } from '../../lib/rpm/payload.ts';
import { readRpmHeader } from '../../lib/rpm/read.ts';
import { type EnginePackage, packagedFiles } from './package.ts';
import { treePath } from './paths.ts';
import { tarEnd, tarEntry } from './tar.ts';

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
  yield tarEntry({ type: 'directory', path: '.', mode: 0o755 });
  for await (const entry of rpmPayload(header, files)) {
    const { file } = entry;
    if (isRegularFile(file) && entry.links > 1 && entry.data.length === 0 && file.size > 0) {
      waiting.set(entry.inode, [...(waiting.get(entry.inode) ?? []), file]);
      continue;
    }
    const names = [...(waiting.get(entry.inode) ?? []), file];
    waiting.delete(entry.inode);
    for (const name of names) yield* asTar(name, entry.data);
  }
  yield tarEnd();
}

function* asTar(file: RpmFileEntry, data: Buffer): Generator<Buffer> {
  const path = treePath(file.path).slice(1);
  if (isDirectory(file)) yield tarEntry({ type: 'directory', path, mode: file.mode });
  else if (isSymbolicLink(file)) yield tarEntry({ type: 'symlink', path, target: data.toString() });
  else if (isRegularFile(file)) yield tarEntry({ type: 'file', path, mode: file.mode, data });
}
