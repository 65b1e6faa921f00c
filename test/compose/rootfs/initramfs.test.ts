import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { cacheRepo, fileIn, listing, type MiniPackage, miniDistribution, step } from '../mini-distribution.ts';

/** Stands in for dracut: an image that shows what it could read and look for, and the arguments. */
const dracut: MiniPackage = {
  name: 'dracut',
  files: [
    { type: 'directory', path: '/usr/share' },
    {
      type: 'file',
      path: '/usr/bin/dracut',
      mode: 0o755,
      content: `#!/bin/sh
for last; do :; done
{ echo "arguments $*"; ls /usr/bin; cat /etc/dracut.conf /usr/share/kbd/map 2>/dev/null; } > "$last"
touch /usr/cannot-write 2>/dev/null && echo writable >> "$last"
chmod 600 "$last"
`,
    },
  ],
};

const kernel: MiniPackage = {
  name: 'kernel',
  files: [{ type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' }],
};

const tool: MiniPackage = {
  name: 'tool',
  files: [{ type: 'file', path: '/usr/bin/biosdevname', mode: 0o755, content: 'probed for' }],
};

test('the initramfs is made once, and again when anything that dracut looks at or for changes', async (t) => {
  const mini = await miniDistribution(t, [dracut, kernel], { container: false, 'initramfs-args': ['--omit', 'nfs'] });
  const first = await mini.compose();
  t.is(step(first, 'Make the initramfs').outcome, 'done');
  const image = await fileIn(first, '/usr/lib/modules/6.1/initramfs.img');
  t.regex(image, /^arguments .*--kver 6\.1 --omit nfs/);
  t.false(image.includes('writable'), 'dracut cannot change the tree');
  t.true((await listing(first)).includes('- 00600 0 0 /usr/lib/modules/6.1/initramfs.img'));

  const outcomeAfter = async (
    packages: readonly MiniPackage[],
    keys: Record<string, unknown> = {},
  ): Promise<string> => {
    await mini.publish([dracut, kernel, ...packages]);
    await mini.treefile({ container: false, 'initramfs-args': ['--omit', 'nfs'], ...keys });
    return step(await mini.compose(), 'Make the initramfs').outcome;
  };
  const document: MiniPackage = {
    name: 'document',
    buildTime: 1_800_000_000,
    files: [{ type: 'file', path: '/usr/share/doc/document', content: 'not read' }],
  };
  t.is(await outcomeAfter([document]), 'reused', 'a later date and documentation');
  const keymap = (content: string): MiniPackage => ({
    name: 'kbd',
    files: [{ type: 'file', path: '/usr/share/kbd/map', content }],
  });
  const library: MiniPackage = {
    name: 'library',
    files: [{ type: 'file', path: '/usr/lib/library', content: 'not read' }],
  };
  t.is(await outcomeAfter([document, library]), 'reused', 'a file that dracut does not look for');
  t.is(await outcomeAfter([document, keymap('1')]), 'done', 'a file that was looked for in vain');
  t.is(await outcomeAfter([document, keymap('2')]), 'done', 'another content of it');
  t.is(await outcomeAfter([document, keymap('1')]), 'reused', 'the first content again');
  t.is(await outcomeAfter([document, tool]), 'done', 'a program that was absent');
  t.is(await outcomeAfter([document]), 'reused', 'back to an earlier state');
  t.is(
    await outcomeAfter([document], { postprocess: ['echo omit > /etc/dracut.conf'] }),
    'done',
    'what a script wrote',
  );
  t.is(await outcomeAfter([document], { 'remove-files': ['usr/bin/tee'] }), 'done', 'what was removed');
  t.is(await outcomeAfter([document], { 'initramfs-args': ['--omit', 'iscsi'] }), 'done', 'other arguments');
});

test('the second compose of a ref needs no new initramfs, though only the first one has to make users', async (t) => {
  const user: MiniPackage = {
    name: 'user',
    scriptlets: {
      post: {
        script: `grep -q ^app: /etc/passwd && exit 0
cp /etc/passwd /etc/passwd-
echo 'app:x:777:777::/:/bin/false' >> /etc/passwd`,
      },
    },
  };
  const mini = await miniDistribution(t, [dracut, kernel, user], { container: false });
  t.is(step(await mini.compose(), 'Make the initramfs').outcome, 'done');
  t.is(step(await mini.compose({ force: true }), 'Make the initramfs').outcome, 'reused');
});

test('a tree with a kernel needs dracut, or the word that it wants no initramfs', async (t) => {
  const mini = await miniDistribution(t, [kernel], { container: false });
  await t.throwsAsync(mini.compose(), { message: 'the tree has a kernel, but no dracut to make its initramfs with' });
  await mini.treefile({ container: false, 'no-initramfs': true });
  const lines = await listing(await mini.compose());
  t.true(lines.some((line) => line.endsWith('/usr/lib/modules/6.1/vmlinuz')));
  t.false(lines.some((line) => line.includes('initramfs.img')));
});

test('options count that change what dracut sees, though no package changed', async (t) => {
  const keymap: MiniPackage = {
    name: 'kbd',
    files: [{ type: 'file', path: '/usr/share/kbd/map', content: 'x', flags: ['doc'] }],
  };
  const mini = await miniDistribution(t, [dracut, kernel, keymap], { container: false });
  t.is(step(await mini.compose(), 'Make the initramfs').outcome, 'done');
  await mini.treefile({ container: false, documentation: false });
  t.is(step(await mini.compose(), 'Make the initramfs').outcome, 'done');
});

test('dracut runs again, to the same image, when the remembered one is gone from the cache', async (t) => {
  const mini = await miniDistribution(t, [dracut, kernel], { container: false });
  const first = await mini.compose();
  const images = join(cacheRepo(mini.folder), 'refs/heads/slipway/initramfs');
  const names = await readdir(images);
  t.is(names.length, 1);
  await rm(join(images, names[0]!));
  const second = await mini.compose({ force: true });
  t.is(step(second, 'Make the initramfs').outcome, 'done');
  t.deepEqual(await readdir(images), names);
  const path = '/usr/lib/modules/6.1/initramfs.img';
  t.is(await fileIn(second, path), await fileIn(first, path));
});

test('a dracut that enters a folder of the tree runs in every compose', async (t) => {
  const content = `#!/bin/sh
for last; do :; done
chroot /usr /bin/ls > "$last" 2>&1 || echo failed > "$last"
`;
  const entering: MiniPackage = {
    name: 'dracut',
    files: [{ type: 'file', path: '/usr/bin/dracut', mode: 0o755, content }],
  };
  const mini = await miniDistribution(t, [entering, kernel], { container: false });
  t.is(step(await mini.compose(), 'Make the initramfs').outcome, 'done');
  t.is(step(await mini.compose({ force: true }), 'Make the initramfs').outcome, 'done');
});
