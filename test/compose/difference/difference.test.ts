import { writeFile } from 'node:fs/promises';
import test from 'ava';
import { formatDifference, formatDifferenceHtml } from '../../../cli/views/difference.ts';
import { compareCommits } from '../../../compose/difference/difference.ts';
import { compareFiles, comparePrivileges, privilegeOf } from '../../../compose/difference/files.ts';
import {
  changelogOf,
  changesSince,
  comparePackages,
  type DescribedPackage,
} from '../../../compose/difference/packages.ts';
import { compareAccounts } from '../../../compose/difference/system.ts';
import { addDetachedMetadata } from '../../../compose/repository/detached.ts';
import { parseListing, type TreeEntry } from '../../../compose/repository/tree-listing.ts';
import { capabilityBytes, capabilityText } from '../../../compose/rootfs/capabilities.ts';
import { addCommitMetadata } from '../../../compose/write-metadata.ts';
import { type Advisory, advisoriesKey, advisoriesVariant } from '../../../lib/advisories.ts';
import { UserError } from '../../../lib/errors.ts';
import { Events } from '../../../lib/events.ts';
import { objectPath } from '../../../lib/ostree-objects.ts';
import { rpmHeaderOf } from '../../../lib/rpm/read.ts';
import { rpmTag, rpmType } from '../../../lib/rpm/tags.ts';
import { rpmDatabase, tinyRepo } from '../tiny-repo.ts';

const sum = 'a'.repeat(64);

function described(name: string, version: string, epoch = 0): DescribedPackage {
  return { name, epoch, version, release: '1', arch: 'noarch', changelog: [] };
}

/** An entry of one line of `ostree ls`, whose path has no arrow. */
function parseEntry(line: string): TreeEntry {
  return parseListing(`${line}\n`, [/\} (\/.*?)(?: -> |$)/.exec(line)![1]!])[0]!;
}

test('comparePackages() tells upgrades from downgrades by rpm order, and pairs packages of many versions', (t) => {
  const before = [
    described('a', '1.9'),
    described('b', '2'),
    described('gone', '1'),
    described('kernel', '1'),
    described('kernel', '2'),
  ];
  const after = [
    described('a', '1.10'),
    described('b', '1.0', 0),
    described('new', '1'),
    described('kernel', '2'),
    described('kernel', '3'),
  ];
  const change = { arch: 'noarch', changelog: [] };
  t.deepEqual(comparePackages(before, after), {
    added: [{ name: 'new', arch: 'noarch', evr: '1-1' }],
    removed: [{ name: 'gone', arch: 'noarch', evr: '1-1' }],
    upgraded: [
      { ...change, name: 'a', from: '1.9-1', to: '1.10-1' },
      { ...change, name: 'kernel', from: '1-1', to: '3-1' },
    ],
    downgraded: [{ ...change, name: 'b', from: '2-1', to: '1.0-1' }],
  });
  t.deepEqual(comparePackages([described('a', '9')], [described('a', '1', 1)]).upgraded, [
    { ...change, name: 'a', from: '9-1', to: '1:1-1' },
  ]);
  t.deepEqual(comparePackages(before, [...before].reverse()), { added: [], removed: [], upgraded: [], downgraded: [] });
});

test('changesSince() gives the entries that are new, also when two have the same time', (t) => {
  const entry = (time: number, text: string) => ({ time, author: 'A', text });
  const old = { changelog: [entry(200, 'second'), entry(100, 'first')] };
  const fresh = { changelog: [entry(300, 'fourth'), entry(200, 'third'), entry(200, 'second'), entry(100, 'first')] };
  t.deepEqual(changesSince(old, fresh), [entry(300, 'fourth'), entry(200, 'third')]);
  t.deepEqual(changesSince({ changelog: [] }, old), old.changelog);
});

test('changelogOf() reads the changelog of a header of the package database', (t) => {
  const texts = Buffer.from('B <b@example.org> - 2\0A <a@example.org> - 1\0- two\0- one\0');
  const times = Buffer.alloc(8);
  times.writeUInt32BE(200, 0);
  times.writeUInt32BE(100, 4);
  const entries = [
    [rpmTag.changelogTime, rpmType.int32, 0, 2],
    [rpmTag.changelogName, rpmType.stringArray, 8, 2],
    [rpmTag.changelogText, rpmType.stringArray, 8 + texts.indexOf('- two'), 2],
  ];
  const words = [entries.length, 8 + texts.length, ...entries.flat()].map((word) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(word);
    return bytes;
  });
  t.deepEqual(changelogOf(rpmHeaderOf(Buffer.concat([...words, times, texts]), 'rpmdb')), [
    { time: 200, author: 'B <b@example.org> - 2', text: '- two' },
    { time: 100, author: 'A <a@example.org> - 1', text: '- one' },
  ]);
  t.throws(() => rpmHeaderOf(Buffer.alloc(20), 'rpmdb'), {
    message: /^rpmdb is not a readable RPM: a header is damaged$/,
  });
});

for (const text of [
  'cap_net_raw=ep',
  'cap_chown,cap_sys_admin=i',
  'cap_bpf=eip',
  '=ep',
  'cap_net_raw=p cap_setuid=i',
]) {
  test(`capabilityText() gives back ${text}`, (t) => t.is(capabilityText(capabilityBytes(text)), text));
}

test('parseListing() reads the lines of ostree ls', (t) => {
  const ping = `-00755 0 0 156136 ${sum} { [(b'security.capability', [byte 0x01, 0x00, 0x00, 0x02, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00]), (b'user.note', b'a\\'b\\303')] } /usr/bin/ping me`;
  const entry = parseEntry(ping);
  t.like(entry, { path: '/usr/bin/ping me', type: 'file', mode: 0o755, size: 156_136, checksum: sum, target: null });
  t.is(privilegeOf(entry), 'cap_net_raw=ep');
  t.is(entry.attributes.get('user.note')?.toString('latin1'), "a'b\xc3\0");
  const link = parseEntry(`l00777 1 2      0 ${sum} { @a(ayay) [] } /bin -> usr/bin`);
  t.like(link, { path: '/bin', type: 'symlink', uid: 1, gid: 2, size: 0, target: 'usr/bin' });
  const folder = parseEntry(`d00755 0 0      0 ${'b'.repeat(64)} ${sum} { @a(ayay) [] } /`);
  t.like(folder, { path: '/', type: 'directory', checksum: sum });
  t.throws(() => parseListing('nonsense\n', ['/']), { message: /not understood: nonsense/ });
});

test('comparePrivileges() sees setuid and setgid programs, not folders and lock bits', (t) => {
  const of = (...lines: string[]) => new Map(lines.map((line) => parseEntry(line)).map((entry) => [entry.path, entry]));
  const plain = `0 0 1 ${sum} { @a(ayay) [] }`;
  const before = of(`-04755 ${plain} /su`, `-02755 ${plain} /wall`, `-00755 ${plain} /new`, `-04755 ${plain} /same`);
  const after = of(
    `-00755 ${plain} /su`,
    `-04755 ${plain} /new`,
    `-04755 ${plain} /same`,
    `d02755 ${plain} /folder`,
    `-02644 ${plain} /lock`,
  );
  t.deepEqual(comparePrivileges(before, after), [
    { path: '/new', before: null, after: 'setuid 0' },
    { path: '/su', before: 'setuid 0', after: null },
    { path: '/wall', before: 'setgid 0', after: null },
  ]);
});

test('compareFiles() says what of a file changed', (t) => {
  const one = (line: string) => new Map([['/f', parseEntry(line)]]);
  const other = 'b'.repeat(64);
  for (const [before, after, aspects] of [
    [`-00644 0 0 1 ${sum} { @a(ayay) [] } /f`, `-00644 0 0 2 ${other} { @a(ayay) [] } /f`, ['content']],
    [`-00644 0 0 1 ${sum} { @a(ayay) [] } /f`, `-00755 0 0 1 ${other} { @a(ayay) [] } /f`, ['mode']],
    [`-00644 0 0 1 ${sum} { @a(ayay) [] } /f`, `-00644 0 5 2 ${other} { @a(ayay) [] } /f`, ['content', 'owner']],
    [
      `-00644 0 0 1 ${sum} { @a(ayay) [] } /f`,
      `-00644 0 0 1 ${other} { [(b'user.a', [byte 0x01])] } /f`,
      ['attributes'],
    ],
    [`-00644 0 0 1 ${sum} { @a(ayay) [] } /f`, `l00777 0 0 0 ${other} { @a(ayay) [] } /f -> g`, ['type']],
  ] as const) {
    t.deepEqual(compareFiles(one(before), one(after)).changed[0]?.aspects, aspects, after);
  }
});

test('compareAccounts() shows ids that moved', (t) => {
  const [before, after] = [
    [
      ['root', 'x', '0', '0'],
      ['chrony', 'x', '993', '990'],
      ['gone', 'x', '5', '5'],
    ],
    [
      ['root', 'x', '0', '0'],
      ['chrony', 'x', '994', '990'],
      ['new', 'x', '6', '6'],
    ],
  ];
  t.deepEqual(compareAccounts(before, after, 'users'), {
    added: ['new (uid 6, gid 6)'],
    removed: ['gone (uid 5, gid 5)'],
    changed: ['chrony: uid 993, gid 990 -> uid 994, gid 990'],
  });
});

test('compareCommits() says what an update brings, as document, text and page', async (t) => {
  const tiny = await tinyRepo(t);
  const spec = { release: '1', arch: 'noarch' };
  const database = async (version: string) => ({
    content: await rpmDatabase(tiny.folder, [{ ...spec, name: 'app', version }]),
    mode: 0o644,
  });
  await tiny.commit({
    version: '1',
    files: {
      'usr/share/rpm/rpmdb.sqlite': await database('1'),
      'usr/bin/app': { content: 'one', mode: 0o755 },
      'usr/bin/old': 'x',
      'usr/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
      'usr/lib/passwd': 'app:x:900:900::/:/bin/false\nroot:x:7:7::/:/\n',
    },
    links: { 'usr/etc/systemd/system/multi-user.target.wants/old.service': '/usr/lib/systemd/system/old.service' },
  });
  await tiny.commit({
    version: '2',
    files: {
      'usr/share/rpm/rpmdb.sqlite': await database('2'),
      'usr/bin/app': { content: 'two two', mode: 0o4755 },
      'usr/bin/<new>': 'xyz',
      'usr/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
      'usr/lib/passwd': 'app:x:901:900::/:/bin/false\n',
    },
    links: {
      'usr/etc/systemd/system/multi-user.target.wants/app.service': '/usr/lib/systemd/system/app.service',
      'usr/etc/systemd/system/ctrl-alt-del.target': '/dev/null',
    },
  });
  const tools = { events: new Events(), signal: new AbortController().signal };
  const difference = await compareCommits(tiny.repo, '1', 'os/host', tools);
  t.like(difference, {
    before: { version: '1', packages: 1, files: 6 },
    packages: { added: [], upgraded: [{ name: 'app', arch: 'noarch', from: '1-1', to: '2-1', changelog: [] }] },
    users: { added: [], removed: [], changed: ['app: uid 900, gid 900 -> uid 901, gid 900'] },
    units: {
      added: ['app.service (multi-user.target)', 'ctrl-alt-del.target (masked)'],
      removed: ['old.service (multi-user.target)'],
    },
  });
  t.is(difference.after.files, 7);
  const text = formatDifference(difference);
  for (const line of [
    'Packages upgraded (1)\n  ~ app.noarch 1-1 -> 2-1',
    'Units enabled or masked (3)\n  + app.service (multi-user.target)\n  + ctrl-alt-del.target (masked)\n  - old.service',
    '  + /usr/bin/app: setuid 0',
    '  ~ /usr/bin/app (content, mode): 3 B, 0755 -> 7 B, 4755',
    '  + /usr/bin/<new> (3 B, 0644)',
    '  - /usr/bin/old (1 B, 0644)',
  ]) {
    t.true(text.includes(line), `${line}\n\n${text}`);
  }
  const page = formatDifferenceHtml(difference);
  t.true(page.includes('<li class="added">/usr/bin/&lt;new&gt; (3 B, 0644)</li>'));
  t.false(/<script|src=|href=/.test(page), 'self-contained');
  t.true(formatDifference(await compareCommits(tiny.repo, '2', '2', tools)).endsWith('The trees are the same'));
});

test('compareCommits() takes packages from the commit itself when it has no package database', async (t) => {
  const tiny = await tinyRepo(t);
  await tiny.commit({ files: { a: '1' }, packages: ['app 1'], version: '1' });
  await tiny.commit({ files: { a: '1' }, packages: ['app 1.1'], version: '2' });
  const tools = { events: new Events(), signal: new AbortController().signal };
  const { packages } = await compareCommits(tiny.repo, '1', '2', tools);
  t.deepEqual(packages.upgraded, [{ name: 'app', arch: 'noarch', from: '1-1', to: '1.1-1', changelog: [] }]);
});

function advisory(id: string, severity: Advisory['severity'], ...packages: string[]): Advisory {
  return { id, severity, packages, cveReferences: [{ url: `https://bugs/${id}`, title: `CVE-${id}-1 <x>` }] };
}

test('compareCommits() reads advisories in and beside commits, and text and page tell them with their bug reports', async (t) => {
  const { repo, commit } = await tinyRepo(t);
  const advised = new Map([[advisoriesKey, advisoriesVariant([advisory('9', 'important', 'a-2-1.noarch')])]]);
  const old = await commit({ files: {}, packages: ['a 1'] });
  const fresh = await commit({ files: {}, packages: ['a 2'] });
  const inside = await addCommitMetadata(repo, fresh, advised);
  await addDetachedMetadata(repo, fresh, advised);
  const tools = { events: new Events(), signal: new AbortController().signal };
  for (const after of [inside, fresh]) {
    const difference = await compareCommits(repo, old, after, tools);
    t.deepEqual(difference.advisories, [advisory('9', 'important', 'a-2-1.noarch')]);
    const lines = 'Security advisories (1)\n  + 9, important: a-2-1.noarch\n      CVE-9-1 <x>\n      https://bugs/9\n';
    t.true(formatDifference(difference).includes(lines));
    t.true(
      formatDifferenceHtml(difference).includes(
        '9, important: a-2-1.noarch<pre>CVE-9-1 &lt;x&gt;\nhttps://bugs/9</pre>',
      ),
    );
  }
});

test('compareCommits() says which metadata beside a commit is damaged', async (t) => {
  const { repo, commit } = await tinyRepo(t);
  const checksum = await commit({ files: {} });
  const path = objectPath(repo, checksum, 'commitmeta');
  await writeFile(path, Buffer.alloc(60, 0xff));
  const tools = { events: new Events(), signal: new AbortController().signal };
  const error = await t.throwsAsync(compareCommits(repo, checksum, checksum, tools), { instanceOf: UserError });
  t.is(error.message, `${path} is damaged: it is no metadata as OSTree writes it`);
});
