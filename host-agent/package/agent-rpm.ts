// The package slipway-host as data: the bundle, the program's name for people, and what lies in host-agent/dist, at its places in the host.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RpmFile, RpmSpec } from '../../lib/rpm/spec.ts';

export const distFolder = fileURLToPath(new URL('../dist', import.meta.url));

const bundlePath = '/usr/lib/slipway/slipway-host.mjs';

// Part of the package instead of presets: a host whose image was made without presets must count its boots all the same.
const unitLinks = [
  'sockets.target.wants/slipway-hostd.socket',
  'multi-user.target.wants/slipway-boot-arm.path',
  'multi-user.target.wants/slipway-boot-success.service',
  'boot-complete.target.requires/slipway-health.service',
];

/** The spec of slipway-host; equal input gives equal bytes. */
export async function agentRpmSpec(options: {
  readonly version: string;
  readonly bundle: string;
  readonly sourceDateEpoch: number;
}): Promise<RpmSpec> {
  return {
    name: 'slipway-host',
    version: options.version,
    release: '1',
    arch: 'noarch',
    summary: 'Host agent of Slipway: atomic upgrades, rollback and boot counting',
    license: 'Apache-2.0',
    buildTime: options.sourceDateEpoch,
    requires: [{ name: 'slipway-node' }, { name: 'ostree' }, { name: 'systemd' }],
    files: [
      { type: 'file', path: bundlePath, content: options.bundle, mode: 0o755 },
      // Node takes the type of a module from its real name, so the link needs no ending.
      { type: 'symlink', path: '/usr/bin/slipway', target: '../lib/slipway/slipway-host.mjs' },
      ...(await distFiles()),
      ...unitLinks.map((link): RpmFile => {
        return { type: 'symlink', path: `/usr/lib/systemd/system/${link}`, target: `../${link.split('/')[1]}` };
      }),
      ...['/usr/lib/slipway/health.d', '/etc/slipway', '/etc/slipway/host.d', '/etc/slipway/health.d'].map(
        (path): RpmFile => ({ type: 'directory', path }),
      ),
    ],
  };
}

async function distFiles(): Promise<RpmFile[]> {
  const entries = await readdir(distFolder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return await Promise.all(
    paths.sort().map(async (path): Promise<RpmFile> => {
      return { type: 'file', path: path.slice(distFolder.length), content: await readFile(path) };
    }),
  );
}
