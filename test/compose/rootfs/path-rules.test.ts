import test from 'ava';
import { fileIn, listing, type MiniPackage, miniDistribution } from '../mini-distribution.ts';

test('files of packages land where the table of path rules says, and what is dropped is told', async (t) => {
  const mini = await miniDistribution(t, [
    {
      name: 'app',
      files: [
        { type: 'file', path: '/boot/efi/EFI/x/grubx64.efi', mode: 0o755, content: 'grub' },
        { type: 'file', path: '/boot/initramfs-1.img', content: 'copy' },
        { type: 'file', path: '/var/lib/alternatives/java', content: 'auto' },
        { type: 'directory', path: '/run/app', mode: 0o750, group: 'daemon' },
        { type: 'symlink', path: '/run/link', target: 'app' },
        { type: 'symlink', path: '/var/run', target: '../run' },
        { type: 'directory', path: '/srv/www' },
        { type: 'directory', path: '/usr/share/closed', mode: 0o555 },
      ],
    },
    {
      name: 'old',
      files: [
        { type: 'directory', path: '/var/run/old' },
        { type: 'file', path: '/var/run/old/pid', content: '1' },
      ],
    },
  ]);
  const composed = await mini.compose();
  const lines = await listing(composed);
  for (const line of [
    '- 00755 0 0 /usr/lib/ostree-boot/efi/EFI/x/grubx64.efi',
    '- 00644 0 0 /usr/lib/alternatives/java',
    'd 00755 0 0 /usr/share/closed',
  ]) {
    t.true(lines.includes(line), line);
  }
  t.false(lines.some((line) => / \/(boot|run|var)\//.test(line) || line.includes('initramfs-1')));
  const fragment = (await fileIn(composed, '/usr/lib/tmpfiles.d/slipway-var.conf')).split('\n');
  for (const line of [
    'L /var/lib/alternatives - - - - ../../usr/lib/alternatives',
    'd /run/app 0750 0 2 - -',
    'L /run/link - - - - app',
    'd /run/old 0755 0 0 - -',
  ]) {
    t.true(fragment.includes(line), line);
  }
  const told = composed.events.flatMap((event) => (event.type === 'info' ? [event.message] : []));
  t.deepEqual(told, ['2 files or folders in places that belong to the host are not shipped: /run/old/pid, /srv/www/']);
});

test('files that differ but are both not wanted do not stop the compose; wanted ones do', async (t) => {
  const packages = ['a', 'b'].map(
    (name): MiniPackage => ({
      name,
      files: [{ type: 'file', path: '/usr/share/doc/README', content: name, flags: ['doc'] }],
    }),
  );
  const mini = await miniDistribution(t, packages, { documentation: false });
  t.false((await listing(await mini.compose())).some((line) => line.includes('README')));
  await mini.treefile({});
  await t.throwsAsync(mini.compose(), {
    message: 'a-1-1.noarch and b-1-1.noarch both bring /usr/share/doc/README, with different content',
  });
});
