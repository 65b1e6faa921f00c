import test from 'ava';
import { fileIn, listing, type MiniPackage, miniDistribution } from '../../mini-distribution.ts';

test('a scriptlet that breaks the programs of the tree is found out at once', async (t) => {
  const script = 'rm /usr/bin/true; echo "#!/none" > /usr/bin/true; chmod 755 /usr/bin/true';
  const mini = await miniDistribution(t, [{ name: 'breaker', scriptlets: { post: { script } } }]);
  const error = await t.throwsAsync(mini.compose());
  t.like(error, { code: 'tree-broken' });
  t.regex(error?.message ?? '', /^\/usr\/bin\/true does not run in the tree: .*No such file or directory$/);
});

test('depmod of the tree makes the index of modules where there is none', async (t) => {
  const kernel: MiniPackage = {
    name: 'kernel',
    files: [
      { type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' },
      {
        type: 'file',
        path: '/usr/sbin/depmod',
        mode: 0o755,
        content: '#!/bin/sh\necho "$@" > /lib/modules/6.1/modules.dep\n',
      },
    ],
  };
  const mini = await miniDistribution(t, [kernel], { 'no-initramfs': true });
  t.is(await fileIn(await mini.compose(), '/usr/lib/modules/6.1/modules.dep'), '-a 6.1\n');
  const index = { type: 'file', path: '/usr/lib/modules/6.1/modules.dep', content: 'packaged' } as const;
  await mini.publish([{ ...kernel, files: [...kernel.files!, index] }]);
  await mini.treefile({ 'no-initramfs': true });
  const composed = await mini.compose();
  t.is(await fileIn(composed, index.path), 'packaged');
  t.true((await listing(composed)).includes('- 00644 0 0 /usr/lib/modules/6.1/vmlinuz'));
});
