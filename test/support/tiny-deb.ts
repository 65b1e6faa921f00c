// A Debian package made from an object, with tar and xz as dpkg-deb would use them.

import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../lib/run.ts';

export interface TinyDebFile {
  /** Path in the package, without a leading slash. */
  readonly path: string;
  /** Content of a file, or the target of a symbolic link. */
  readonly content?: string;
  readonly symlink?: string;
  readonly mode?: number;
}

/** Bytes of a package; `folder` is an empty one to work in. `compression` is the suffix of the members. */
export async function tinyDeb(
  folder: string,
  control: Readonly<Record<string, string>>,
  files: readonly TinyDebFile[],
  compression: 'xz' | 'gz' | 'zst' = 'xz',
): Promise<Buffer> {
  const conffiles = files
    .filter(({ path }) => path.startsWith('etc/') && path.endsWith('.conf'))
    .map(({ path }) => `/${path}\n`);
  const controlText = Object.entries(control).map(([name, value]) => `${name}: ${value}\n`);
  const controlTar = await tar(join(folder, 'control'), compression, [
    { path: 'control', content: controlText.join('') },
    { path: 'conffiles', content: conffiles.join('') },
  ]);
  const dataTar = await tar(join(folder, 'data'), compression, files);
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    arMember('debian-binary', Buffer.from('2.0\n')),
    arMember(`control.tar.${compression}`, controlTar),
    arMember(`data.tar.${compression}`, dataTar),
  ]);
}

async function tar(folder: string, compression: 'xz' | 'gz' | 'zst', files: readonly TinyDebFile[]): Promise<Buffer> {
  await mkdir(folder, { recursive: true });
  for (const file of files) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    if (file.symlink !== undefined) await symlink(file.symlink, path);
    else await writeFile(path, file.content ?? '', { mode: file.mode ?? 0o644 });
  }
  const archive = `${folder}.tar.${compression}`;
  const program = { xz: 'xz', gz: 'gzip', zst: 'zstd' }[compression];
  const owner = ['--owner=root:0', '--group=shadow:42', '--mtime=@1600000000', '--sort=name'];
  await run(['tar', '--create', `--use-compress-program=${program}`, ...owner, '--file', archive, '-C', folder, '.']);
  return readFile(archive);
}

function arMember(name: string, content: Buffer): Buffer {
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(header), content, Buffer.alloc(content.length % 2, '\n')]);
}
