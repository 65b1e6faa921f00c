// A composed commit of a few tiny packages that counts as bootable: a shell, a kernel that is none, a large and some small packages.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { buildImages } from '../../../images/build.ts';
import type { ImagesDocument } from '../../../images/images-document.ts';
import type { ContainerImage } from '../../../images/oci/container-image.ts';
import type { ImageOptions } from '../../../images/plan.ts';
import { mebibyte } from '../../../images/size.ts';
import { Events, type SlipwayEvent } from '../../../lib/events.ts';
import { type MiniDistribution, type MiniPackage, miniDistribution } from '../../compose/mini-distribution.ts';

export const kernelPackage: MiniPackage = {
  name: 'kernel',
  files: [{ type: 'file', path: '/usr/lib/modules/6.1-mini/vmlinuz', content: 'a kernel' }],
};

// Random, so that no compressor makes a small layer of it; one for the whole process, so that it is always the same.
const largeContent = randomBytes(2 * mebibyte);

export const largePackage: MiniPackage = {
  name: 'large',
  files: [{ type: 'file', path: '/usr/share/large', content: largeContent }],
};

/** Owners, modes, a capability, hard links, a file in /etc. */
export const specialPackage: MiniPackage = {
  name: 'special',
  files: [
    { type: 'file', path: '/usr/bin/ping', mode: 0o755, content: 'ping', capabilities: 'cap_net_raw=ep' },
    { type: 'file', path: '/usr/bin/become', mode: 0o4755, content: 'become' },
    { type: 'file', path: '/etc/special.conf', mode: 0o640, group: 'shadow', content: 'secret\n' },
    { type: 'file', path: '/usr/share/one', content: 'linked' },
    { type: 'hardlink', path: '/usr/share/two', target: '/usr/share/one' },
    { type: 'file', path: '/usr/share/copy', content: 'linked' },
  ],
};

/** A package whose one file says its version. */
export function smallPackage(name: string, version: string): MiniPackage {
  return { name, version, files: [{ type: 'file', path: `/usr/share/${name}`, content: `${name} ${version}\n` }] };
}

export async function miniHost(t: ExecutionContext): Promise<MiniDistribution> {
  const packages = [kernelPackage, largePackage, specialPackage, smallPackage('alpha', '1'), smallPackage('beta', '1')];
  const mini = await miniDistribution(t, packages, { 'no-initramfs': true, 'container-cmd': ['/usr/bin/sh', '-l'] });
  await mini.compose();
  return mini;
}

export interface Built {
  readonly document: ImagesDocument;
  readonly container: ContainerImage;
  readonly outputDir: string;
  readonly events: readonly SlipwayEvent[];
}

export async function buildContainer(mini: MiniDistribution, changes: Partial<ImageOptions> = {}): Promise<Built> {
  const outputDir = join(mini.folder, 'images');
  const seen: SlipwayEvent[] = [];
  const events = new Events();
  events.listen((event) => seen.push(event));
  const options = {
    repo: join(mini.folder, 'repo'),
    ref: 'mini/host',
    formats: ['oci,oci-archive'],
    outputDir,
    ...changes,
  };
  const document = await buildImages(options, { events, signal: new AbortController().signal });
  return { document, container: document.container!, outputDir: options.outputDir, events: seen };
}
