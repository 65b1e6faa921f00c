import { join } from 'node:path';
import test from 'ava';
import { Events } from '../../lib/events.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { aptOptions, debianUriOf, makeAptFolders, runApt, sourcesLine, waitingArgv } from './archive/apt.ts';
import { inReleaseName, parsePrintedUris } from './archive/closure.ts';
import { parseStanzas } from './archive/control.ts';
import { batchesOf, downloadArgv } from './archive/download.ts';

const tools = { events: new Events(), signal: new AbortController().signal };
const folders = { state: '/s', cache: '/c', sourcesFile: '/l' };

const target = (release: string, uri: string, component = 'main'): string =>
  `MetaKey: main/binary-amd64/Packages\nComponent: ${component}\nRelease: ${release}\nRepo-URI: ${uri}\n`;

const sources: readonly [title: string, targets: string[], expected: string | undefined][] = [
  [
    'takes the first Debian release',
    [target('bookworm', 'http://m/debian/'), target('trixie', 'http://n/')],
    'http://m/debian/',
  ],
  [
    'passes over updates and security',
    [target('bookworm-security', 'http://s/'), target('stable', 'http://m/')],
    'http://m/',
  ],
  ['passes over other archives', [target('noble', 'http://u/'), target('nodistro', 'http://v/')], undefined],
  ['passes over other components', [target('trixie', 'http://m/', 'contrib')], undefined],
  ['finds nothing in nothing', [], undefined],
];
for (const [title, targets, expected] of sources) {
  test(`debianUriOf() ${title}`, (t) => {
    t.is(debianUriOf(targets.join('\n')), expected);
  });
}

test('sourcesLine() names architecture and keyring', (t) => {
  const mirror = { uri: 'http://m/debian/', keyring: '/k.gpg' };
  t.is(sourcesLine(mirror, 'trixie'), 'deb [arch=amd64 signed-by=/k.gpg] http://m/debian/ trixie main\n');
  t.is(sourcesLine({ ...mirror, keyring: null }, 'trixie'), 'deb [arch=amd64] http://m/debian/ trixie main\n');
});

test('aptOptions() keeps apt away from the packages and the sources of this machine, and from unsigned archives', (t) => {
  const options = aptOptions(folders);
  for (const option of [
    'Dir::State::status=/dev/null',
    'Dir::Etc::sourcelist=/l',
    'Dir::Etc::sourceparts=/dev/null',
    'APT::Get::AllowUnauthenticated=false',
    'Acquire::AllowInsecureRepositories=false',
  ]) {
    t.is(options[options.indexOf(option) - 1], '-o', option);
  }
});

test('waitingArgv() lets processes at once fetch the index one after the other', async (t) => {
  const folder = await temporaryFolder(t);
  const apt = await makeAptFolders(folder);
  const busy = join(folder, 'busy'); // mkdir fails when somebody else is in
  const argv = waitingArgv(apt, 'exclusive', ['sh', '-c', 'mkdir "$1" && sleep 0.2 && rmdir "$1"', 'sh', busy]);
  await t.notThrowsAsync(Promise.all([1, 2, 3].map(() => runApt(argv, tools))));
});

test('runApt() says that there is no apt, also behind the lock', async (t) => {
  const apt = await makeAptFolders(await temporaryFolder(t));
  await t.throwsAsync(runApt(['no-such-apt-get'], tools), { code: 'no-apt' });
  await t.throwsAsync(runApt(waitingArgv(apt, 'shared', ['no-such-apt-get']), tools), { code: 'no-apt' });
});

test('parsePrintedUris() reads names and versions, epochs included', (t) => {
  const output = [
    "'http://m/pool/a/a_1%3a2-3_amd64.deb' a_1%3a2-3_amd64.deb 10 MD5Sum:00",
    "'http://m/pool/b/libb%2b%2b_1%2bdfsg-1_all.deb' libb++_1+dfsg-1_all.deb 20 SHA256:00",
    '',
  ].join('\n');
  t.deepEqual(parsePrintedUris(output), [
    { name: 'a', version: '1:2-3', url: 'http://m/pool/a/a_1%3a2-3_amd64.deb' },
    { name: 'libb++', version: '1+dfsg-1', url: 'http://m/pool/b/libb%2b%2b_1%2bdfsg-1_all.deb' },
  ]);
});

test('inReleaseName() is the name that apt gives its copy', (t) => {
  t.is(inReleaseName('http://m.example/debian/', 'trixie'), 'm.example_debian_dists_trixie_InRelease');
  t.is(inReleaseName('https://m/a_b', 'trixie'), 'm_a%5fb_dists_trixie_InRelease');
});

test('parseStanzas() joins continuation lines and parts stanzas', (t) => {
  const stanzas = parseStanzas('Package: a\nDescription: short\n long: text\n .\n more\n\nPackage: b\nDepends:\n x\n');
  t.deepEqual(
    stanzas.map((stanza) => Object.fromEntries(stanza)),
    [
      { Package: 'a', Description: 'short\nlong: text\n.\nmore' },
      { Package: 'b', Depends: '\nx' },
    ],
  );
});

const deb = (name: string, size: number) => ({
  ...{ name, size, version: '1', architecture: 'all', url: `http://m/${name}`, sha256: name },
  ...{ provides: '', conflicts: '', breaks: '' },
});

test('batchesOf() puts small packages together and large ones alone and last', (t) => {
  const batches = batchesOf([deb('huge', 90e6), deb('a', 1e6), deb('b', 2e6), deb('c', 3e6)]);
  t.deepEqual(
    batches.map((batch) => batch.map(({ name }) => name)),
    [['a', 'b'], ['c'], ['huge']],
  );
});

test('downloadArgv() makes apt check each file against the digest of the index', (t) => {
  const argv = downloadArgv([{ deb: deb('a', 1), temporary: '/d/.a.tmp' }], folders);
  t.deepEqual(argv.slice(-4), ['download-file', 'http://m/a', '/d/.a.tmp', 'SHA256:a']);
});
