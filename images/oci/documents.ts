// The JSON documents of an OCI image: configuration, manifest, index (OCI image specification 1.1). Pure; keys are sorted and nothing but
// the commit decides the bytes, so that the same commit always has the same image digest.

import { canonicalJson } from '../../lib/documents.ts';
import type { ImageCommit } from '../commit.ts';
import { type Blob, compressor, type LayerBlob } from './blobs.ts';

export const layoutMarker = canonicalJson({ imageLayoutVersion: '1.0.0' });

const platform = { architecture: 'amd64', os: 'linux' } as const;
const mediaType = (name: string): string => `application/vnd.oci.image.${name}`;

export interface NamedLayer extends LayerBlob {
  readonly name: string;
  readonly components: readonly string[];
}

export interface ImageSubject extends Pick<ImageCommit, 'ref' | 'checksum' | 'version' | 'kernel'> {
  /** What `podman run IMAGE` starts: the treefile's `container-cmd`, or null for the host's own init, or a shell where nothing boots. */
  readonly command: readonly string[] | null;
}

/**
 * The configuration.
 * @param sourceDateEpoch seconds since 1970
 */
export function imageConfig(commit: ImageSubject, layers: readonly NamedLayer[], sourceDateEpoch: number): string {
  const created = new Date(sourceDateEpoch * 1000).toISOString().replace('.000Z', 'Z');
  return canonicalJson({
    ...platform,
    created,
    config: {
      Cmd: commit.command ?? [commit.kernel === null ? '/bin/sh' : '/sbin/init'],
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'],
      Labels: imageLabels(commit, created),
      ...(commit.kernel === null ? {} : { StopSignal: 'SIGRTMIN+3' }), // systemd(1): halt
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((layer) => ({
      created,
      created_by: 'slipway',
      comment: layer.components.length > 0 ? layer.components.join(' ') : layer.name,
    })),
  });
}

/**
 * Labels, among them those by which bootc knows a bootable image. `ostree.commit` and `ostree.final-diffid` are left out on purpose: they announce an image
 * that carries an OSTree repository under /sysroot, and this one is a plain root file system.
 */
export function imageLabels(
  { ref, checksum, version, kernel }: Omit<ImageSubject, 'command'>,
  created: string,
): Record<string, string> {
  return {
    ...(kernel === null ? {} : { 'containers.bootc': '1', 'ostree.bootable': 'true', 'ostree.linux': kernel }),
    'org.opencontainers.image.created': created,
    ...(version === null ? {} : { 'org.opencontainers.image.version': version }),
    'slipway.commit': checksum,
    'slipway.ref': ref,
  };
}

export function imageManifest(config: Blob, layers: readonly Blob[]): string {
  return canonicalJson({
    schemaVersion: 2,
    mediaType: mediaType('manifest.v1+json'),
    config: { mediaType: mediaType('config.v1+json'), ...config },
    layers: layers.map(({ digest, size }) => ({ mediaType: mediaType('layer.v1.tar+gzip'), digest, size })),
  });
}

/** The index of a layout with one image. It also says what compressed the layers, for the next build into the same folder. */
export function imageIndex(manifest: Blob, name: string): string {
  return canonicalJson({
    schemaVersion: 2,
    mediaType: mediaType('index.v1+json'),
    manifests: [
      {
        mediaType: mediaType('manifest.v1+json'),
        ...manifest,
        platform,
        annotations: { 'org.opencontainers.image.ref.name': name },
      },
    ],
    annotations: { [compressorKey]: compressor },
  });
}

export const compressorKey = 'slipway.compressor';

/** A name that container tools take: `localhost/debian/x86_64/host:13.2`. Characters that names or tags cannot hold become dashes. */
export function imageName({ ref, version }: Pick<ImageSubject, 'ref' | 'version'>): string {
  const path = ref
    .toLowerCase()
    .split('/')
    .map((part) => part.replaceAll(/[^a-z0-9]+/g, (other) => (/^(?:[._]|__|-+)$/.test(other) ? other : '-')))
    .map((part) => part.replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, ''))
    .filter((part) => part !== '');
  const tag = (version ?? 'latest').replaceAll(/[^A-Za-z0-9_.-]/g, '-').replace(/^[.-]+/, '');
  return `localhost/${path.join('/') || 'host'}:${tag.slice(0, 128) || 'latest'}`;
}
