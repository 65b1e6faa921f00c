// From the caller's options to the plan of a build: every default filled, every input checked, one id. Pure.

import { resolve } from 'node:path';
import { stepId } from '../lib/documents.ts';
import { UserError } from '../lib/errors.ts';
import type { ImageCommit } from './commit.ts';
import { type FormatName, formatsNamed } from './formats.ts';
import { ignitionArguments, joinKernelArguments } from './kargs.ts';
import { checkedLayerLimit, defaultLayerLimit } from './oci/layers.ts';

/** Where a booted host looks for updates. */
export interface RemoteOptions {
  /** Default `slipway`. */
  readonly name?: string;
  /** Without it the host knows its branch but no address; `ostree remote add NAME URL` on the host gives it one. */
  readonly url?: string;
  /** Public key file that updates must be signed with. Without it the keys in the tree count. */
  readonly gpgKeyFile?: string;
  /** False lets the host take updates that nobody signed. Default true. */
  readonly gpgVerify?: boolean;
}

export interface ImageOptions {
  readonly repo: string;
  readonly ref: string;
  readonly formats: readonly string[];
  readonly outputDir: string;
  /** Bytes; default: computed from the content (`chooseSize`). */
  readonly size?: number;
  /** Kernel arguments besides the defaults; one of the same name replaces the default. */
  readonly kargs?: readonly string[];
  /** Name of the stateroot, the folder of all deployments that share one /var. Default `slipway`. */
  readonly stateroot?: string;
  readonly remote?: RemoteOptions;
  /** Ignition platform id: the first boot runs Ignition. Needs a tree that has it. */
  readonly ignitionPlatform?: string;
  /** Seconds since 1970 for all times in the image; default: the commit's time. */
  readonly sourceDateEpoch?: number;
  /** Largest number of layers of a container image. Default 64. */
  readonly layerLimit?: number;
  /** Folder for the work in between; default: a hidden folder in `outputDir`, on the same file system. */
  readonly workDir?: string;
}

export interface ImagePlan {
  readonly id: string;
  readonly commit: ImageCommit;
  readonly formats: readonly FormatName[];
  readonly outputDir: string;
  readonly workDir: string;
  /** Bytes, or null for a computed size. */
  readonly size: number | null;
  readonly kernelArguments: readonly string[];
  readonly stateroot: string;
  readonly remote: { readonly name: string; readonly url: string | null; readonly gpg: GpgPolicy };
  readonly ignitionFirstBoot: boolean;
  readonly layerLimit: number;
  readonly sourceDateEpoch: number;
}

export type GpgPolicy =
  | { readonly type: 'none' }
  | { readonly type: 'keys-in-tree' }
  | { readonly type: 'key-file'; readonly path: string };

/** Grows when the same options come to give other bytes. */
const builderVersion = 2;

/**
 * @param inputs what else decides the bytes: versions of the tools that make file systems and boot loaders, digest of the key file
 * @throws UserError `format-unknown`, `karg-invalid`, `name-invalid`, `option-invalid`
 */
export function imagePlan(options: ImageOptions, commit: ImageCommit, inputs: readonly string[]): ImagePlan {
  const formats = formatsNamed(options.formats).map((format) => format.name);
  if (formats.length === 0) throw new UserError('option-invalid', 'no image format is given');
  const plan = {
    formats,
    size: options.size ?? null,
    kernelArguments: [
      ...joinKernelArguments(options.kargs ?? []),
      ...(options.ignitionPlatform === undefined ? [] : ignitionArguments(options.ignitionPlatform)),
    ],
    stateroot: checkedName('stateroot', options.stateroot ?? 'slipway'),
    remote: remotePlan(options.remote ?? {}),
    ignitionFirstBoot: options.ignitionPlatform !== undefined,
    layerLimit: checkedLayerLimit(options.layerLimit ?? defaultLayerLimit),
    sourceDateEpoch: checkedEpoch(options.sourceDateEpoch ?? commit.timestamp),
  };
  const outputDir = resolve(options.outputDir);
  const id = stepId('images', { builderVersion, ref: commit.ref, ...plan }, [commit.checksum, ...inputs]);
  return { id, commit, outputDir, workDir: resolve(options.workDir ?? outputDir), ...plan };
}

function remotePlan(remote: RemoteOptions): ImagePlan['remote'] {
  const { gpgKeyFile, gpgVerify = true, url = null } = remote;
  if (!gpgVerify && gpgKeyFile !== undefined) {
    throw new UserError('option-invalid', 'a key for signed updates is given and checking signatures is switched off');
  }
  const gpg: GpgPolicy = !gpgVerify
    ? { type: 'none' }
    : gpgKeyFile === undefined
      ? { type: 'keys-in-tree' }
      : { type: 'key-file', path: resolve(gpgKeyFile) };
  return { name: checkedName('remote', remote.name ?? 'slipway'), url, gpg };
}

function checkedName(what: string, name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) return name;
  throw new UserError('name-invalid', `"${name}" cannot be the name of a ${what}`, {
    hint: 'use letters, digits, ".", "_" and "-", and begin with a letter or digit',
  });
}

// ext4 keeps 32 bits without help, FAT nothing before 1980.
function checkedEpoch(epoch: number): number {
  if (Number.isSafeInteger(epoch) && epoch >= 315_532_800 && epoch < 2 ** 31) return epoch;
  throw new UserError('option-invalid', `${epoch} cannot be the time of an image`, {
    hint: 'give seconds since 1970 between the years 1980 and 2038',
  });
}
