// Container image -> registry, container storage or another layout, by skopeo. Credentials never pass through here: skopeo reads the
// file that `skopeo login` or `podman login` wrote.

import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { containerFormats } from '../formats.ts';

export interface PushOptions {
  /** A layout (`image.oci`), an archive (`image.oci.tar`), or the folder that `images build` wrote them into. */
  readonly image: string;
  /** With its transport, e.g. `docker://registry.example.com/host:13.2`. */
  readonly destination: string;
  /** skopeo's file of credentials; default: the one that `skopeo login` writes. */
  readonly authFile?: string;
  /** Push without encryption, or to a server whose certificate nobody vouches for. Default false. */
  readonly insecure?: boolean;
}

export interface PushResult {
  readonly kind: 'image-push';
  readonly version: 1;
  /** The source as skopeo names it. */
  readonly source: string;
  readonly destination: string;
  /** Digest of the manifest that was written, `sha256:HEX`. */
  readonly digest: string;
}

const transports = ['docker://', 'oci:', 'oci-archive:', 'containers-storage:'] as const;

/**
 * Copies the image. Layers that the destination has are not sent again.
 * @throws UserError `container-image-missing`, `destination-invalid`, `tool-missing`; ToolError when skopeo fails
 */
export async function pushImage(options: PushOptions, tools: WorkerTools): Promise<PushResult> {
  const { destination } = options;
  checkDestination(destination);
  const source = await sourceOf(options.image);
  const folder = await mkdtemp(join(tmpdir(), 'slipway-push-'));
  try {
    const digestFile = join(folder, 'digest');
    await tools.events.step(`Push to ${destination}`, async (step) => {
      await run(pushArgv(source, options, digestFile), tools);
      step.detail(source);
    });
    const digest = (await readFile(digestFile, 'utf8')).trim();
    return { kind: 'image-push', version: 1, source, destination, digest };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Between registries and layouts the digest must stay; container storage unpacks the layers and keeps the manifest by itself. */
export function pushArgv(
  source: string,
  { destination, authFile, insecure = false }: Omit<PushOptions, 'image'>,
  digestFile: string,
): string[] {
  return [
    ...['skopeo', 'copy', '--quiet'],
    ...['--digestfile', digestFile],
    ...(destination.startsWith('containers-storage:') ? [] : ['--preserve-digests']),
    ...(authFile === undefined ? [] : ['--dest-authfile', resolve(authFile)]),
    ...(insecure ? ['--dest-tls-verify=false'] : []),
    source,
    destination,
  ];
}

/** @throws UserError `destination-invalid` */
export function checkDestination(destination: string): void {
  const transport = transports.find((known) => destination.startsWith(known));
  if (transport === undefined || destination.length === transport.length) {
    throw new UserError('destination-invalid', `"${destination}" does not say where the image goes to`, {
      hint: `begin with one of ${transports.join(', ')}, e.g. docker://registry.example.com/host:1.0`,
    });
  }
  if (/^docker:\/\/[^/]*@/.test(destination)) {
    throw new UserError('destination-invalid', 'the destination holds a user name, which others could read', {
      hint: 'run skopeo login REGISTRY first, and leave the name out',
    });
  }
}

/** `oci:FOLDER` or `oci-archive:FILE`. */
async function sourceOf(image: string): Promise<string> {
  const candidates = [image, ...containerFormats(['oci,oci-archive']).map(({ fileName }) => join(image, fileName))];
  for (const path of candidates.map((candidate) => resolve(candidate))) {
    const found = await stat(path).catch(() => null);
    if (found?.isFile() === true) return `oci-archive:${path}`;
    if (found?.isDirectory() === true && (await stat(join(path, 'oci-layout')).catch(() => null)) !== null)
      return `oci:${path}`;
  }
  throw new UserError('container-image-missing', `${image} is not a container image and holds none`, {
    hint: 'make one: slipway images build --repo REPO --ref REF --format oci --output FOLDER',
  });
}
