import test from 'ava';
import { mergeAdvisories } from '../../../compose/resolve/advisory.ts';
import { readSecurityAdvisories } from '../../../compose/resolve/updateinfo.ts';
import { readChildren, type XmlElement } from '../../../compose/resolve/xml.ts';
import type { Advisory } from '../../../lib/advisories.ts';

async function* chunksOf(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function childrenOf(text: string, size = text.length): Promise<XmlElement[]> {
  return await Array.fromAsync(readChildren(chunksOf(text, size), 'r'));
}

test('readChildren() reads the same wherever the text is cut', async (t) => {
  const text = `\ufeff<?xml version="1.0"?><!-- <a> -->\n<r><a k='1 &lt; 2'>x &amp; y<b/></a> <c><![CDATA[</r>]]></c>\n<p:d/></r>\n`;
  const expected: XmlElement[] = [
    {
      name: 'a',
      attributes: { k: '1 < 2' },
      children: [{ name: 'b', attributes: {}, children: [], text: '' }],
      text: 'x & y',
    },
    { name: 'c', attributes: {}, children: [], text: '</r>' },
    { name: 'd', attributes: {}, children: [], text: '' },
  ];
  for (let size = 1; size <= text.length; size++)
    t.deepEqual(await childrenOf(text, size), expected, `${size} at a time`);
});

test('readChildren() gives a child before the text has ended', async (t) => {
  const endless = async function* (): AsyncGenerator<string> {
    yield '<r>';
    for (;;) yield '<a/><b';
  };
  const { value } = await readChildren(endless(), 'r').next();
  t.is(value?.name, 'a');
});

const badXml: readonly (readonly [string, string, string])[] = [
  ['another root', '<s/>', 'its root is <s>, not <r>'],
  ['an end too early', '<r><a/>', 'it ends inside <r>'],
  ['a tag without an end', '<r><a', 'it is not well-formed XML at byte 3'],
  ['a fault in a later piece', '<r><a/><a/><a b=c/></r>', 'it is not well-formed XML at byte 11'],
  ['crossed elements', '<r><a></r></a>', '</r> closes <a>'],
  ['nothing', '', 'it is not one XML element'],
];
for (const [what, text, message] of badXml) {
  test(`readChildren() refuses ${what}`, async (t) => {
    for (const size of [1, 5, 100]) await t.throwsAsync(childrenOf(text, size), { instanceOf: SyntaxError, message });
  });
}

const installed = { name: 'app', epoch: 0, version: '1.10', release: '2.fc40', arch: 'x86_64' };
const tree = [
  installed,
  { ...installed, name: 'late', epoch: 1 },
  { ...installed, name: 'lib' },
  { ...installed, name: 'lib', arch: 'i686' },
];

const fix = 'name="app" version="1.10" release="2.fc40" arch="x86_64"';
const packageList = (...packages: string[]): string =>
  `<pkglist><collection short="F40"><name>Fedora 40</name>${packages
    .map((each) => `<package ${each} src="app.src.rpm"><filename>app.rpm</filename></package>`)
    .join('')}</collection></pkglist>`;
const updates = (inner: string, type = 'security'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<updates><update from="x" status="final" type="${type}" version="2.0">${inner}</update></updates>`;

async function read(text: string): Promise<Advisory[]> {
  return await readSecurityAdvisories(chunksOf(text, 7), tree);
}

test('readSecurityAdvisories() reads id, severity, packages of the tree and bug reports of CVEs', async (t) => {
  const text = updates(`<id>FEDORA-2024-1</id><title>app</title><severity>Important</severity>
    <references><reference href="https://bugs/1" id="1" type="bugzilla" title="CVE-2024-1 app: a &lt;b&gt;"/></references>
    ${packageList(fix, fix.replace('"app"', '"lib"'), fix.replace('"app"', '"other"'))}`);
  t.deepEqual(await read(text), [
    {
      id: 'FEDORA-2024-1',
      severity: 'important',
      packages: ['app-1.10-2.fc40.x86_64', 'lib-1.10-2.fc40.x86_64'],
      cveReferences: [{ url: 'https://bugs/1', title: 'CVE-2024-1 app: a <b>' }],
    },
  ]);
  t.deepEqual(await read('<updates/>'), []);
});

/** A package of an advisory -> the package of the tree that it is. */
const packageTable: readonly (readonly [string, string | undefined])[] = [
  [fix, 'app-1.10-2.fc40.x86_64'],
  [`${fix} epoch="0"`, 'app-1.10-2.fc40.x86_64'],
  [fix.replace('1.10', '1.010'), 'app-1.10-2.fc40.x86_64'], // equal for rpm
  [`${fix} epoch="1"`, undefined],
  [`${fix} epoch="none"`, undefined],
  [fix.replace('1.10', '1.9'), undefined],
  [fix.replace('1.10', '1.11'), undefined],
  [fix.replace('2.fc40', '2.fc41'), undefined],
  [fix.replace('x86_64', 'i686'), undefined],
  [fix.replace(' arch="x86_64"', ''), undefined],
  [fix.replace(' release="2.fc40"', ''), undefined],
  ['', undefined],
  [fix.replace('app', 'late'), undefined],
  [`${fix.replace('app', 'late')} epoch="1"`, 'late-1:1.10-2.fc40.x86_64'],
];
for (const [written, found] of packageTable) {
  test(`readSecurityAdvisories() takes <package ${written}> for ${found ?? 'none of the tree'}`, async (t) => {
    const [advisory] = await read(updates(`<id>A</id>${packageList(written)}`));
    t.deepEqual(advisory?.packages, found === undefined ? undefined : [found]);
  });
}

test('readSecurityAdvisories() passes over other kinds, and advisories without an id', async (t) => {
  for (const type of ['bugfix', 'enhancement', 'newpackage', 'Security', ''])
    t.deepEqual(await read(updates(`<id>A</id>${packageList(fix)}`, type)), [], type);
  t.deepEqual(await read(updates(packageList(fix))), []);
});

const severityTable = [
  ['<severity>Low</severity>', 'low'],
  ['<severity>MODERATE</severity>', 'moderate'],
  ['<severity>Important</severity>', 'important'],
  ['<severity>critical</severity>', 'critical'],
  ['<severity>None</severity>', 'none'],
  ['<severity>Urgent</severity>', 'none'],
  ['', 'none'],
] as const;
for (const [written, severity] of severityTable) {
  test(`readSecurityAdvisories() takes "${written}" for ${severity}`, async (t) => {
    t.is((await read(updates(`<id>A</id>${written}${packageList(fix)}`)))[0]?.severity, severity);
  });
}

/** References as `number type title` -> the addresses of those that are kept. */
const referenceTable: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'the oldest of several on one CVE',
    ['3 bugzilla CVE-1-1 [epel]', '1 bugzilla CVE-1-1 app', '2 bugzilla CVE-1-1 [all]'],
    ['1'],
  ],
  ['all with a CVE of their own', ['2 bugzilla CVE-1-2 b', '1 bugzilla CVE-1-1 a'], ['1', '2']],
  [
    'one on two CVEs of which one is new',
    ['1 bugzilla CVE-1-1', '2 bugzilla CVE-1-1, CVE-1-2', '3 bugzilla CVE-1-2'],
    ['1', '2'],
  ],
  ['none that names no CVE', ['1 bugzilla app crashes', '2 bugzilla XCVE-1-1 and CVE-1-1x and CVE-1'], []],
  ['none but bug reports', ['1 cve CVE-1-1', '2 vendor CVE-1-1', '3 self CVE-1-1'], []],
];
for (const [what, references, kept] of referenceTable) {
  test(`readSecurityAdvisories() keeps of bug reports ${what}`, async (t) => {
    const written = references.map((each) => {
      const [number, type, ...title] = each.split(' ');
      return `<reference href="${number}" type="${type}" title="${title.join(' ')}"/>`;
    });
    const text = updates(`<id>A</id><references>${written.join('')}</references>${packageList(fix)}`);
    t.deepEqual(
      (await read(text))[0]?.cveReferences.map(({ url }) => url),
      kept,
    );
  });
}

test('mergeAdvisories() joins those of one id and keeps the packages of the tree, all in order', (t) => {
  const advisory = (id: string, severity: Advisory['severity'], ...packages: string[]): Advisory => ({
    ...{ id, severity, packages, cveReferences: [] },
  });
  const merged = mergeAdvisories(
    [
      advisory('B', 'low', 'c', 'gone'),
      advisory('A', 'critical', 'b'),
      advisory('B', 'none', 'a', 'c'),
      advisory('C', 'low', 'gone'),
    ],
    ['a', 'b', 'c'],
  );
  t.deepEqual(merged, [advisory('A', 'critical', 'b'), advisory('B', 'low', 'a', 'c')]);
});
