import test from 'ava';
import { modularPackages, parseModules } from '../../../compose/resolve/modules.ts';
import { parseMetalink, parseMirrorlist, parseRepomd } from '../../../compose/resolve/repomd.ts';
import { globPattern } from '../../../compose/resolve/solv/glob.ts';
import { repoVariables, substituteVariables } from '../../../compose/resolve/variables.ts';
import { parseXml } from '../../../compose/resolve/xml.ts';

const sum = 'a'.repeat(64);
const data = (type: string, href: string, checksum = `<checksum type="sha256">${sum}</checksum>`): string =>
  `<data type="${type}">${checksum}<location href="${href}"/><size>7</size></data>`;

test('parseRepomd() reads revision, digests, sizes and places of records', (t) => {
  const open = `<open-checksum type="sha512">${'B'.repeat(128)}</open-checksum><open-size>70</open-size>`;
  const primary = data('primary', 'repodata/p.xml.gz').replace('<size>', `${open}<size>`);
  const { revision, records } = parseRepomd(
    `<?xml version="1.0"?>\n<repomd xmlns:rpm="x">\n<revision>17</revision>${primary}</repomd>`,
  );
  t.is(revision, '17');
  t.deepEqual(records.get('primary'), {
    type: 'primary',
    href: 'repodata/p.xml.gz',
    checksum: { type: 'sha256', value: sum },
    openChecksum: { type: 'sha512', value: 'b'.repeat(128) },
    size: 7,
    openSize: 70,
  });
});

test('parseRepomd() takes the time of the newest record, if there is one', (t) => {
  const dated = (type: string, time: string): string =>
    data(type, `${type}.xml`).replace('<size>', `<timestamp>${time}</timestamp><size>`);
  const all = dated('primary', '1700000000') + dated('filelists', '1700000002.75') + dated('other', 'soon');
  t.is(parseRepomd(`<repomd>${all}</repomd>`).generated, 1_700_000_002);
  t.false('generated' in parseRepomd(`<repomd>${data('primary', 'p.xml')}</repomd>`));
});

test('parseRepomd() passes over records whose digest is too weak to trust', (t) => {
  const weak = data('filelists', 'f.xml', `<checksum type="md5">${'a'.repeat(32)}</checksum>`);
  t.deepEqual([...parseRepomd(`<repomd>${data('primary', 'p.xml')}${weak}</repomd>`).records.keys()], ['primary']);
});

const badRepomd: readonly (readonly [string, string, string])[] = [
  ['another document', '<html/>', 'its root is <html>, not <repomd>'],
  ['an unclosed element', '<repomd><data>', 'it ends inside <data>'],
  ['crossed elements', '<repomd><data></repomd></data>', '</repomd> closes <data>'],
  ['no XML', 'hello & goodbye', 'it is not one XML element'],
  ['two roots', '<repomd/><repomd/>', 'it is not one XML element'],
  ['a broken attribute', '<repomd><data type=primary/></repomd>', 'it is not well-formed XML at byte 8'],
  ['no primary record', '<repomd/>', 'it has no primary record with a SHA-2 checksum'],
  [
    'a place outside the repository',
    `<repomd>${data('primary', '../../etc/passwd')}</repomd>`,
    'the location of primary is missing or leaves the repository',
  ],
];

for (const [what, text, message] of badRepomd) {
  test(`parseRepomd() refuses ${what}`, (t) => {
    t.throws(() => parseRepomd(text), { instanceOf: SyntaxError, message });
  });
}

test('parseXml() leaves alone what only JavaScript has a meaning for, and refuses a tag that goes on for ever', (t) => {
  t.is(parseXml('<a>&constructor;&toString;</a>').text, '&constructor;&toString;');
  const error = t.throws(() => parseXml(`<a ${'b="" '.repeat(2_000_000)}/>`), { instanceOf: SyntaxError });
  t.is(error?.message, 'a tag has too many attributes');
});

test('parseXml() reads entities, comments, CDATA, prefixes and both quotes', (t) => {
  const root = parseXml(`\ufeff<!-- <x> --><r:a k='1 &lt; 2' l="&#x41;&#66;"> x &amp; <![CDATA[<y>]]> <b/></r:a>`);
  t.is(root.name, 'a');
  t.deepEqual(root.attributes, { k: '1 < 2', l: 'AB' });
  t.is(root.text, 'x & <y>');
  t.is(root.children[0]?.name, 'b');
});

test('parseMetalink() orders mirrors by preference and gives all digests of repomd.xml', (t) => {
  const text = `<metalink xmlns:mm0="y"><files><file name="repomd.xml">
    <verification><hash type="md5">00</hash><hash type="sha256">AA</hash></verification>
    <mm0:alternates><mm0:alternate><verification><hash type="sha512">bb</hash></verification></mm0:alternate></mm0:alternates>
    <resources><url protocol="https" preference="10">https://slow/x/repodata/repomd.xml</url>
    <url protocol="rsync" preference="100">rsync://r/x/repodata/repomd.xml</url>
    <url protocol="http" preference="90">http://near/x/repodata/repomd.xml</url></resources></file></files></metalink>`;
  t.deepEqual(parseMetalink(text), {
    baseUrls: ['http://near/x', 'https://slow/x'],
    repomdDigests: [
      { type: 'sha256', value: 'aa' },
      { type: 'sha512', value: 'bb' },
    ],
  });
  t.throws(() => parseMetalink('<metalink/>'), { message: 'it does not describe repomd.xml' });
});

test('parseMirrorlist() keeps URLs and drops comments and other schemes', (t) => {
  t.deepEqual(parseMirrorlist('# list\nhttp://a/x/\r\n\nftp://b\nhttps://c\n'), ['http://a/x', 'https://c']);
});

const stream = (name: string, number: string, rpm: string): string =>
  `---\ndocument: modulemd\nversion: 2\ndata:\n  name: ${name}\n  stream: ${number}\n  artifacts:\n    rpms:\n    - ${rpm}\n...\n`;
const defaultStream = (module: string, number: string, modified = ''): string =>
  `---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: ${module}\n  stream: ${number}\n${modified}...\n`;

test('modularPackages() hides streams that are not the default and names what default streams own', (t) => {
  const text =
    stream('node', '"18"', 'nodejs-1:18.1-1.module.x86_64') +
    stream('node', '"20"', 'nodejs-1:20.1-1.module.x86_64') +
    stream('perl', '5.36', 'perl-libs-0:5.36-2.x86_64') +
    defaultStream('node', '"20"') +
    '---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: perl\n...\n' +
    '---\ndocument: modulemd-obsoletes\nversion: 1\n...\n';
  t.deepEqual(modularPackages([{ priority: 99, metadata: parseModules(text) }]), {
    hidden: ['nodejs-1:18.1-1.module.x86_64', 'perl-libs-0:5.36-2.x86_64'],
    active: ['nodejs-1:20.1-1.module.x86_64'],
    activeNames: ['nodejs'],
  });
});

/** Defaults of other repositories -> the stream of node that is active, as written by its package. */
const defaultTable: readonly (readonly [string, readonly (readonly [number, string])[], string | undefined])[] = [
  ['none', [], undefined],
  ['one', [[99, defaultStream('node', '"20"')]], 'node-0:20-1.noarch'],
  [
    'two that agree',
    [
      [99, defaultStream('node', '"20"')],
      [99, defaultStream('node', '"20"')],
    ],
    'node-0:20-1.noarch',
  ],
  [
    'two that disagree',
    [
      [99, defaultStream('node', '"20"')],
      [99, defaultStream('node', '"18"')],
    ],
    undefined,
  ],
  [
    'a better priority',
    [
      [99, defaultStream('node', '"20"')],
      [10, defaultStream('node', '"18"')],
    ],
    'node-0:18-1.noarch',
  ],
  [
    'a newer one',
    [
      [99, defaultStream('node', '"20"', '  modified: 202602010000\n')],
      [99, defaultStream('node', '"18"', '  modified: 202501010000\n')],
    ],
    'node-0:20-1.noarch',
  ],
];

for (const [title, defaults, active] of defaultTable) {
  test(`modularPackages() takes the default of a stream from other repositories: ${title}`, (t) => {
    const updates = stream('node', '"18"', 'node-0:18-1.noarch') + stream('node', '"20"', 'node-0:20-1.noarch');
    const repositories = [[99, updates] as const, ...defaults].map(([priority, text]) => ({
      ...{ priority, metadata: parseModules(text) },
    }));
    t.deepEqual(modularPackages(repositories).active, active === undefined ? [] : [active]);
  });
}

const globs: readonly (readonly [string, string, boolean])[] = [
  ['lib*', 'libfoo', true],
  ['lib*', 'mylib', false],
  ['b?sh', 'bash', true],
  ['b?sh', 'bsh', false],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['c++-1.*', 'c++-1.2', true],
  ['c++-1.*', 'c+-102', false],
  ['a[b', 'a[b', true],
  ['(x|y)', '(x|y)', true],
  ['(x|y)', 'x', false],
];

for (const [glob, text, expected] of globs) {
  test(`globPattern() ${expected ? 'matches' : 'does not match'} ${text} by ${glob}`, (t) => {
    t.is(globPattern(glob).test(text), expected);
  });
}

test('substituteVariables() knows the parts of releasever and names what has no value once', (t) => {
  const variables = repoVariables('aarch64', '9.4', { mine: 'x', basearch: 'own' });
  t.deepEqual(
    substituteVariables(`$releasever_major.$releasever_minor $arch $basearch $mine-$$ $no \${no}`, variables),
    {
      text: `9.4 aarch64 own x-$$ $no \${no}`,
      unknown: ['no'],
    },
  );
});
