import test from 'ava';
import { findOwners, ownersInFilelists, spellings } from '../../../compose/resolve/owners.ts';
import { resolvePackages } from '../../../compose/resolve/resolve.ts';
import { makeRepos, quietTools } from './support/small-repo.ts';

const spelled: readonly [path: string, expected: string[]][] = [
  ['/bin/sh', ['/bin/sh', '/usr/bin/sh']],
  ['/usr/bin/sh', ['/bin/sh', '/usr/bin/sh']],
  ['/usr/etc/motd', ['/etc/motd', '/usr/etc/motd']],
  ['/usr/lib//x/', ['/lib/x', '/usr/lib/x']],
  ['/usr/libexec/x', ['/usr/libexec/x']],
  ['/opt/x', ['/opt/x']],
];
for (const [path, expected] of spelled) {
  test(`spellings() of ${path}`, (t) => t.deepEqual(spellings(path), expected));
}

const filelists = `<?xml version="1.0"?>
<filelists packages="3">
<package pkgid="aa" name="a" arch="noarch"><version epoch="0" ver="1" rel="1"/>
  <file>/usr/bin/a</file><file type="dir">/usr/share/both</file>
  <file>/usr/share/&lt;x&gt; &amp; y</file>
</package>
<package pkgid="bb" name="b" arch="noarch"><version epoch="0" ver="1" rel="1"/></package>
<package pkgid="cc" name="c" arch="noarch"><version epoch="0" ver="1" rel="1"/>
  <file type="dir">/usr/share/both</file>
</package>
</filelists>
`;

const listed: readonly [path: string, owners: string[]][] = [
  ['/usr/bin/a', ['aa']],
  ['/usr/share/both', ['aa', 'cc']],
  ['/usr/share/<x> & y', ['aa']],
  ['/usr/bin', []],
];
for (const [path, owners] of listed) {
  test(`ownersInFilelists() finds who has ${path}, wherever the text is cut`, async (t) => {
    for (const size of [1, 7, 100, filelists.length]) {
      t.deepEqual([...(await ownersInFilelists(cut(filelists, size), [path]))], owners, `pieces of ${size}`);
    }
  });
}

async function* cut(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

test('findOwners() names only packages of the tree', async (t) => {
  const file = '/usr/bin/tool';
  const request = await makeRepos(t, [
    {
      id: 'one',
      packages: [
        { name: 'tool', files: [file] },
        { name: 'other-tool', files: [file] },
      ],
    },
  ]);
  const tools = quietTools();
  const wanted = { ...request, packages: ['tool'] };
  const lock = await resolvePackages(wanted, tools);
  t.deepEqual(await findOwners(wanted, lock, '/bin/tool', tools), ['tool-1-1.noarch']);
  t.deepEqual(await findOwners(wanted, lock, '/usr/bin/nothing', tools), []);
});
