// The agent as one file that plain Node runs: everything it imports is put in, no npm package among it.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild'; // MIT: the only bundler that makes an ESM file in milliseconds; used when packages are built, never at run time

/** Where the shared Node runtime lies in the host. */
export const nodeInHost = '/usr/lib/slipway/node';

/**
 * Bundles host-agent/main.ts. Equal sources give equal text.
 * @throws Error when the agent imports an npm package
 */
export async function bundleAgent(): Promise<string> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../main.ts', import.meta.url))],
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    charset: 'utf8',
    banner: { js: `#!${nodeInHost}` },
    logLevel: 'silent',
  });
  const foreign = Object.keys(metafile.inputs).filter((path) => path.includes('node_modules'));
  if (foreign.length > 0) throw new Error(`the host agent must not import npm packages: ${foreign.join(', ')}`);
  return outputFiles[0]!.text;
}
