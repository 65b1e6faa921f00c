// What an external test finds in the guest: its program, its data, and autopkgtest's commands for reboots. One tar archive.

import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type TarHeader, tarEnd, tarHeader, tarPadding } from '../../lib/tar.ts';
import { type RebootKind, rebootKinds } from '../request-reboot.ts';
import type { ExternalTest } from './external/discover.ts';

/** Absolute paths in the guest; in /var, and in /usr/local, which leads there on hosts whose /usr is read-only. */
export const guestPaths = {
  data: '/var/opt/kola/extdata',
  /** Holds what the test asked for with one of the commands for reboots: `reboot MARK` or `soft-reboot MARK`. */
  rebootRequest: '/var/opt/kola/reboot-request',
} as const;

/** Where kola puts the program of a test. */
export function guestProgram(test: ExternalTest): string {
  return `/usr/local/bin/kola-runext-${basename(test.executable)}`;
}

export const unitName = 'kola-runext.service';

// autopkgtest's interface (doc/README.package-tests.rst of autopkgtest), and kola's for soft reboots (systemd-soft-reboot.service(8)).
// The first command never returns; after the second the test reboots itself.
function rebootCommand(kind: RebootKind): string {
  return `${rebootPrepareCommand(kind)}exec systemctl kill --signal=KILL ${unitName}
`;
}

function rebootPrepareCommand(kind: RebootKind): string {
  return `#!/bin/sh
# After the ${kind} the test is started again with AUTOPKGTEST_REBOOT_MARK.
[ -n "$1" ] || { echo "usage: $0 MARK" >&2; exit 1; }
printf '${kind} %s' "$1" >${guestPaths.rebootRequest}
sync
`;
}

/** Everything for the first start of a test, to be unpacked at /. */
export async function testArchive(test: ExternalTest): Promise<Buffer> {
  return Buffer.concat([
    directory('var/opt/kola'),
    entry({ type: 'file', path: guestProgram(test).slice(1), mode: 0o755 }, await readFile(test.executable)),
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
  return rebootKinds.flatMap((kind) => [
    entry({ type: 'file', path: `tmp/autopkgtest-${kind}`, mode: 0o755 }, Buffer.from(rebootCommand(kind))),
    entry(
      { type: 'file', path: `tmp/autopkgtest-${kind}-prepare`, mode: 0o755 },
      Buffer.from(rebootPrepareCommand(kind)),
    ),
  ]);
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
