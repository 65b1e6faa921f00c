// Moves what packages and their scripts put into /boot to /usr/lib/ostree-boot: /boot belongs to the machine, and programs that update a
// boot loader there (bootupd) look for its files in that folder. Kernels and initramfs lie beside their modules already and go.

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inTree } from '../../../lib/in-tree.ts';
import type { EngineContext } from '../../context.ts';
import { moveContent } from './move-content.ts';

const kernelCopies = /^(?:vmlinuz|initramfs|initrd\.img)-/;

export async function moveBoot(root: string, context: EngineContext): Promise<void> {
  const boot = inTree(root, 'boot');
  if (!existsSync(boot)) return;
  for (const name of readdirSync(boot)) if (kernelCopies.test(name)) rmSync(join(boot, name), { recursive: true });
  await moveContent(root, 'boot', 'usr/lib/ostree-boot', context);
}
