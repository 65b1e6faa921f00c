// A copy of an image that boots under Secure Boot: shim, GRUB and the kernel are signed with the key of a firmware that knows no other.
//
// Without shim, GRUB has nothing that could check the kernel, and refuses it ("verification requested but nobody cares").

import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeBootLoaders, mkimageArgv } from '../../../images/grub.ts';
import { type ImagesDocument, imagesDocumentFile } from '../../../images/images-document.ts';
import { partitionNamed } from '../../../images/layout.ts';
import { readDocument } from '../../../lib/documents.ts';
import type { WorkerTools } from '../../../lib/namespace.ts';
import { run } from '../../../lib/run.ts';
import { alteredImage } from './altered-image.ts';

/** The key that Debian's package ovmf publishes for tests, and UEFI variables in which it alone is enrolled. */
const snakeoil = {
  encryptedKey: '/usr/share/ovmf/PkKek-1-snakeoil.key',
  password: 'snakeoil',
  certificate: '/usr/share/ovmf/PkKek-1-snakeoil.pem',
};
export const snakeoilVariables = '/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd';

/** Of Debian's package shim-unsigned. */
const shim = '/usr/lib/shim/shimx64.efi';

// shim starts nothing that does not say which generation of the component's security fixes it has. Debian's own signed GRUB says this one.
const sbat = `sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md
grub,5,Free Software Foundation,grub,2.06,https://www.gnu.org/software/grub/
`;

/**
 * Copies the qcow2 image that `images.json` beside it describes to a raw one in `folder`.
 * @param kernel what becomes of the kernel: `without-signature` takes the signatures of its distribution away, and adds none
 */
export async function signedImage(
  image: string,
  folder: string,
  kernel: 'signed' | 'without-signature',
  tools: WorkerTools,
): Promise<string> {
  const key = join(folder, 'signing.key');
  const { encryptedKey, password, certificate } = snakeoil;
  await run(['openssl', 'rsa', '-in', encryptedKey, '-passin', `pass:${password}`, '-out', key]);
  const sign = async (program: string): Promise<string> => {
    const signed = `${program}.signed`;
    await run(['sbsign', '--key', key, '--cert', certificate, '--output', signed, program]);
    return signed;
  };
  const altered = await alteredImage(image, folder, async (root) => {
    const file = join(folder, 'kernel');
    await writeFile(file, await root.read(root.kernel));
    while ((await run(['sbattach', '--remove', file], { okExitCodes: [0, 1] })).exitCode === 0);
    await root.write(root.kernel, await readFile(kernel === 'signed' ? await sign(file) : file));
  });
  const { disk } = await readDocument<ImagesDocument>(join(dirname(image), imagesDocumentFile), 'images', 1);
  const esp = `${altered}@@${partitionNamed(disk!, 'esp').offset}`;
  const copyShim = join(folder, 'shimx64.efi');
  await writeFile(copyShim, await readFile(shim));
  const programs = { 'BOOTX64.EFI': copyShim, 'grubx64.efi': await grubForShim(folder, tools) };
  for (const [name, program] of Object.entries(programs)) {
    const argv = ['mcopy', '-o', '-i', esp, await sign(program), `::/EFI/BOOT/${name}`];
    await run(argv, { env: { MTOOLS_SKIP_CHECK: '1' } });
  }
  return altered;
}

/** The boot loader that images have, with what Secure Boot asks for: its security level, and the loader that takes a kernel through shim. */
async function grubForShim(folder: string, tools: WorkerTools): Promise<string> {
  await makeBootLoaders(folder, tools);
  const levels = join(folder, 'sbat.csv');
  await writeFile(levels, sbat);
  const output = join(folder, 'grubx64.efi');
  const argv = mkimageArgv('x86_64-efi', join(folder, 'memdisk.tar'), output);
  await run([...argv, 'linuxefi', '--sbat', levels]);
  return output;
}
