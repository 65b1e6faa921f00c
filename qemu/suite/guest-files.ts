// What an external test finds in the guest: its program, its data, and autopkgtest's commands for reboots. One tar archive.

import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type TarHeader, tarEnd, tarHeader, tarPadding } from '../../lib/tar.ts';
import type { ExternalTest } from './external/discover.ts';

/** Absolute paths in the guest; below /var, which a host image may write to. */
export const guestPaths = {
  program: '/var/opt/kola/test',
  data: '/var/opt/kola/extdata',
  /** Holds the mark that the test gave when it asked for a reboot. */
  rebootMark: '/var/opt/kola/reboot-mark',
} as const;

export const unitName = 'kola-runext.service';

// autopkgtest's interface (doc/README.package-tests.rst of autopkgtest): the first never returns, after the second the test reboots itself.
const reboot = `#!/bin/sh
# Ends the test; the harness reboots the machine and starts it again with AUTOPKGTEST_REBOOT_MARK.
[ -n "$1" ] || { echo "usage: $0 MARK" >&2; exit 1; }
printf %s "$1" >${guestPaths.rebootMark}
sync
exec systemctl kill --signal=KILL ${unitName}
`;
const rebootPrepare = `#!/bin/sh
# The test will reboot the machine itself; then it is started again with AUTOPKGTEST_REBOOT_MARK.
[ -n "$1" ] || { echo "usage: $0 MARK" >&2; exit 1; }
printf %s "$1" >${guestPaths.rebootMark}
sync
`;

/** Everything for the first start of a test, to be unpacked at /. */
export async function testArchive(test: ExternalTest): Promise<Buffer> {
  return Buffer.concat([
    directory('var/opt/kola'),
    entry({ type: 'file', path: guestPaths.program.slice(1), mode: 0o755 }, await readFile(test.executable)),
    ...(test.dataFolder === null ? [] : await folder(test.dataFolder, guestPaths.data.slice(1))),
    ...rebootCommands(),
    tarEnd(),
  ]);
}

/** What a reboot has removed: /tmp is new in each boot. */
export function rebootArchive(): Buffer {
  return Buffer.concat([...rebootCommands(), tarEnd()]);
}

function rebootCommands(): Buffer[] {
  return [
    entry({ type: 'file', path: 'tmp/autopkgtest-reboot', mode: 0o755 }, Buffer.from(reboot)),
    entry({ type: 'file', path: 'tmp/autopkgtest-reboot-prepare', mode: 0o755 }, Buffer.from(rebootPrepare)),
  ];
}

async function folder(source: string, path: string): Promise<Buffer[]> {
  const parts = [directory(path)];
  for (const { name, ...kind } of await entriesOf(source)) {
    const from = join(source, name);
    const to = `${path}/${name}`;
    if (kind.directory) parts.push(...(await folder(from, to)));
    else if (kind.link) parts.push(tarHeader({ type: 'symlink', path: to, mode: 0o777, target: await readlink(from) }));
    else parts.push(entry({ type: 'file', path: to, mode: (await stat(from)).mode & 0o777 }, await readFile(from)));
  }
  return parts;
}

async function entriesOf(source: string): Promise<{ name: string; directory: boolean; link: boolean }[]> {
  const entries = await readdir(source, { withFileTypes: true });
  return entries
    .filter((found) => found.isDirectory() || found.isSymbolicLink() || found.isFile())
    .map((found) => ({ name: found.name, directory: found.isDirectory(), link: found.isSymbolicLink() }));
}

function directory(path: string): Buffer {
  return tarHeader({ type: 'directory', path: `${path}/`, mode: 0o755 });
}

function entry(header: TarHeader, content: Buffer): Buffer {
  return Buffer.concat([tarHeader({ ...header, size: content.length }), content, tarPadding(content.length)]);
}
