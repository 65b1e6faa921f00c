import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { run } from '../../../lib/run.ts';
import { cacheRepo, fileIn, listing, miniDistribution } from '../mini-distribution.ts';

async function withFinalizeScript(folder: string, name: string, text: string): Promise<void> {
  await mkdir(join(folder, 'finalize.d'), { recursive: true });
  await writeFile(join(folder, 'finalize.d', name), text);
  await chmod(join(folder, 'finalize.d', name), 0o755);
}

for (const tmpIsDir of [true, false]) {
  test(`finalize.d runs confined on the finished tree and changes only what it says (tmp-is-dir: ${tmpIsDir})`, async (t) => {
    const packaged = { type: 'file', path: '/etc/packaged', content: 'one\n' } as const;
    const keys = {
      container: false,
      'tmp-is-dir': tmpIsDir,
      'no-initramfs': true,
      postprocess: ['echo x > /etc/early'],
    };
    const kernel = { type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' } as const;
    const mini = await miniDistribution(t, [{ name: 'kernel', files: [kernel, packaged] }], keys);
    const before = await mini.compose();
    await withFinalizeScript(
      mini.folder,
      '10-first',
      `#!/bin/sh
set -e
ls -d usr/etc/early usr/lib/modules/6.1/vmlinuz usr/share/rpm/rpmdb.sqlite > usr/share/seen
cat /etc/packaged >> usr/share/seen
echo two >> usr/etc/packaged
rm usr/etc/early
touch /tmp/x /var/y /var/tmp/z /run/r
(ls /proc/net/dev > /dev/null; sed -n 's/ *\\([a-z0-9]*\\):.*/\\1/p' /proc/net/dev) >> usr/share/seen
`,
    );
    await withFinalizeScript(mini.folder, '20-second', '#!/bin/sh\necho "$SLIPWAY_VAR_basearch" >> usr/share/seen\n');
    const after = await mini.compose();
    const [old, fresh] = [await listing(before), await listing(after)];
    t.deepEqual(
      fresh.filter((line) => !old.includes(line)),
      ['- 00644 0 0 /usr/share/seen'],
    );
    t.deepEqual(
      old.filter((line) => !fresh.includes(line)),
      ['- 00644 0 0 /usr/etc/early'],
    );
    t.deepEqual((await fileIn(after, '/usr/share/seen')).trim().split('\n').slice(0, -1), [
      'usr/etc/early',
      'usr/lib/modules/6.1/vmlinuz',
      'usr/share/rpm/rpmdb.sqlite',
      'one',
      'lo',
    ]);
    t.is(await fileIn(after, '/usr/etc/packaged'), 'one\ntwo\n');
    await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'fsck', '--quiet']);
  });
}

test('a script of finalize.d that fails is named and makes no commit', async (t) => {
  const mini = await miniDistribution(t, []);
  await withFinalizeScript(mini.folder, 'bad', '#!/bin/sh\necho oh no >&2\nexit 3\n');
  const error = await t.throwsAsync(mini.compose());
  t.is(error?.message, `${join(mini.folder, 'finalize.d/bad')} failed: bwrap failed with exit status 3\noh no`);
});
