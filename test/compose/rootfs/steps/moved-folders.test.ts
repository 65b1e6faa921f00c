import test from 'ava';
import { moveBoot } from '../../../../compose/rootfs/steps/boot.ts';
import { moveStateFolders } from '../../../../compose/rootfs/steps/state-folders.ts';
import { tree } from '../../../support/temporary.ts';
import { testContext } from '../../tiny-repo.ts';
import { differenceOf } from './tree-difference.ts';

const nothing = { added: [], removed: [], changed: [] };

test('moveBoot() moves all of /boot but kernels and initramfs to /usr/lib/ostree-boot', async (t) => {
  const root = await tree(t, {
    'boot/efi/EFI/x/grubx64.efi': 'x',
    'boot/vmlinuz-6.1': '',
    'boot/initramfs-6.1.img': '',
  });
  t.deepEqual(await differenceOf(root, () => moveBoot(root, testContext())), {
    added: [
      'usr',
      'usr/lib',
      'usr/lib/ostree-boot',
      ...['efi', 'efi/EFI', 'efi/EFI/x', 'efi/EFI/x/grubx64.efi'].map((path) => `usr/lib/ostree-boot/${path}`),
    ],
    removed: [
      ...['boot/efi', 'boot/efi/EFI', 'boot/efi/EFI/x', 'boot/efi/EFI/x/grubx64.efi'],
      ...['boot/initramfs-6.1.img', 'boot/vmlinuz-6.1'],
    ],
    changed: [],
  });
  t.deepEqual(await differenceOf(root, () => moveBoot(root, testContext())), nothing);
});

test('moveStateFolders() moves what alternatives keeps in /var and links it', async (t) => {
  const root = await tree(t, { 'var/lib/alternatives/java': 'auto', 'var/lib/other/x': '' });
  const difference = await differenceOf(root, async () =>
    t.deepEqual(await moveStateFolders(root, testContext()), [
      'L /var/lib/alternatives - - - - ../../usr/lib/alternatives',
    ]),
  );
  t.deepEqual(difference, {
    added: ['usr', 'usr/lib', 'usr/lib/alternatives', 'usr/lib/alternatives/java'],
    removed: ['var/lib/alternatives/java'],
    changed: [],
  });
});
