import { generateKeyPairSync, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import test from 'ava';
import { cycloneDxDocument } from '../../../compose/sbom/cyclonedx.ts';
import { type Inventory, parseOsRelease, readInventory } from '../../../compose/sbom/inventory.ts';
import { isSpdxExpression } from '../../../compose/sbom/license.ts';
import { packageUrl } from '../../../compose/sbom/package-url.ts';
import { preAuthentication, provenanceStatement, signedEnvelope } from '../../../compose/sbom/provenance.ts';
import { spdxDocument } from '../../../compose/sbom/spdx.ts';
import { rpmDatabase, testContext, tinyRepo } from '../tiny-repo.ts';

const digest = '0123456789abcdef'.repeat(4);

for (const [text, expected] of [
  ['MIT', true],
  ['GPL-2.0-or-later WITH GCC-exception-3.1 AND (MIT OR BSD-3-Clause)', true],
  ['GPLv2+', false],
  ['MIT AND', false],
  ['(MIT', false],
  ['MIT or BSD-3-Clause', false],
  ['GPL-2.0-only WITH MIT', false],
  ['Public Domain', false],
  ['', false],
] as const) {
  test(`isSpdxExpression() of "${text}"`, (t) => t.is(isSpdxExpression(text), expected));
}

test('isSpdxExpression() comes to an end with any number of parentheses', (t) => {
  for (const depth of [100, 10_000, 1_000_000]) t.false(isSpdxExpression('('.repeat(depth)));
  t.true(isSpdxExpression(`${'('.repeat(100)}MIT${')'.repeat(100)}`));
});

for (const [changes, os, expected] of [
  [{}, { id: 'debian', versionId: '13' }, 'pkg:rpm/debian/bash@5.2-1?arch=x86_64&distro=debian-13'],
  [{ epoch: 1 }, { id: 'Fedora', versionId: null }, 'pkg:rpm/fedora/bash@5.2-1?arch=x86_64&distro=Fedora&epoch=1'],
  [
    { name: 'libstdc++', version: '1.0^git~1', sourceRpm: 'gcc-1.src.rpm' },
    { id: 'x', versionId: null },
    'pkg:rpm/x/libstdc%2B%2B@1.0%5Egit~1-1?arch=x86_64&distro=x&upstream=gcc-1.src.rpm',
  ],
] as const) {
  test(`packageUrl() gives ${expected}`, (t) => {
    const bash = { name: 'bash', epoch: 0, version: '5.2', release: '1', arch: 'x86_64', sourceRpm: null };
    t.is(packageUrl({ ...bash, ...changes }, os), expected);
  });
}

test('parseOsRelease() reads all three ways of quoting', (t) => {
  const text = 'ID=debian\n# no\nNAME="A \\"B\\""\nVERSION_ID=\'13\'\nempty=1\n';
  t.deepEqual(
    parseOsRelease(text),
    new Map([
      ['ID', 'debian'],
      ['NAME', 'A "B"'],
      ['VERSION_ID', '13'],
    ]),
  );
});

test('readInventory() takes packages from the package database, digests from the lock and names from the tree', async (t) => {
  const inventory = await sampleInventory(t);
  t.like(inventory, { name: 'os/host', os: { id: 'mini', versionId: '1' }, treefile: { ref: 'os/host' } });
  t.deepEqual(inventory.packages[0], {
    name: 'app',
    epoch: 2,
    version: '1.0+x',
    release: '1',
    arch: 'noarch',
    evr: '2:1.0+x-1',
    purl: 'pkg:rpm/mini/app@1.0%2Bx-1?arch=noarch&distro=mini-1&epoch=2&upstream=app-1.0%2Bx-1.src.rpm',
    license: 'MIT AND Zlib',
    supplier: 'Example',
    summary: 'An app',
    url: 'https://example.org/app',
    sourceRpm: 'app-1.0+x-1.src.rpm',
    fileDigest: { type: 'sha256', value: digest },
  });
});

test('cycloneDxDocument() is valid by the schema of CycloneDX 1.6 and names the commit', async (t) => {
  const inventory = await sampleInventory(t);
  const document = cycloneDxDocument(inventory);
  const validate = await cycloneDxValidator();
  t.true(validate(document), JSON.stringify(validate.errors, null, 2));
  t.false(validate({ ...(document as object), components: [{ type: 'nonsense' }] }), 'the validator does validate');
  t.like(document, {
    metadata: { component: { name: 'os/host', hashes: [{ alg: 'SHA-256', content: inventory.commit.checksum }] } },
    components: [
      { name: 'app', licenses: [{ expression: 'MIT AND Zlib' }], hashes: [{ alg: 'SHA-256', content: digest }] },
      { name: 'lib', licenses: [{ license: { name: 'See the file' } }] },
    ],
  });
  t.deepEqual(document, cycloneDxDocument(inventory));
});

for (const type of ['sha224', 'sha256', 'sha384', 'sha512'] as const) {
  test(`documents of packages with ${type} digests are valid by their schemas`, async (t) => {
    const { packages, ...inventory } = await sampleInventory(t);
    const value = 'a'.repeat(Number(type.slice('sha'.length)) / 4);
    const digested = { ...inventory, packages: packages.map((each) => ({ ...each, fileDigest: { type, value } })) };
    const [cycloneDx, spdx] = [await cycloneDxValidator(), await spdxValidator()];
    t.true(cycloneDx(cycloneDxDocument(digested)), JSON.stringify(cycloneDx.errors, null, 2));
    t.true(spdx(spdxDocument(digested)), JSON.stringify(spdx.errors, null, 2));
  });
}

test('spdxDocument() is valid by the schema of SPDX 2.3', async (t) => {
  const document = spdxDocument(await sampleInventory(t)) as unknown as SpdxDocument;
  const validate = await spdxValidator();
  t.true(validate(document), JSON.stringify(validate.errors, null, 2));
  const [system, ...packages] = document.packages;
  const [relation, ...relations] = document.relationships;
  const { downloadLocation: _, ...placeless } = system!;
  for (const wrong of [
    { creationInfo: undefined },
    { more: 'x' },
    { packages: [placeless, ...packages] },
    { packages: [{ ...system, licence: 'MIT' }, ...packages] },
    { packages: [{ ...system, checksums: [{ algorithm: 'CRC', checksumValue: digest }] }] },
    { relationships: [{ ...relation, relationshipType: 'BRINGS' }, ...relations] },
  ]) {
    t.false(validate(JSON.parse(JSON.stringify({ ...document, ...wrong }))), JSON.stringify(wrong).slice(0, 100));
  }
});

test('spdxDocument() is bound to the commit, and every id that it refers to is there', async (t) => {
  const inventory = await sampleInventory(t);
  const document = spdxDocument(inventory) as unknown as SpdxDocument;
  t.like(document, {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'os/host 7',
    creationInfo: { created: '2023-11-14T22:13:20Z' },
  });
  t.notThrows(() => new URL(document.documentNamespace));
  t.true(document.documentNamespace.endsWith(inventory.commit.checksum));
  const ids = ['SPDXRef-DOCUMENT', ...document.packages.map((each) => each.SPDXID)];
  t.is(new Set(ids).size, ids.length);
  for (const id of ids) t.regex(id, /^SPDXRef-[A-Za-z0-9.-]+$/);
  for (const { spdxElementId, relatedSpdxElement } of document.relationships) {
    t.true(ids.includes(spdxElementId) && ids.includes(relatedSpdxElement));
  }
  t.is(document.relationships.length, inventory.packages.length + 1);
  for (const each of document.packages) {
    t.is(each.filesAnalyzed, false);
    if (!each.licenseDeclared.startsWith('LicenseRef-')) continue;
    t.true(document.hasExtractedLicensingInfos.some((info) => info.licenseId === each.licenseDeclared));
  }
  t.like(document.packages[0], { checksums: [{ algorithm: 'SHA256', checksumValue: inventory.commit.checksum }] });
  t.like(document.packages[1], { licenseDeclared: 'MIT AND Zlib', supplier: 'Organization: Example' });
});

test('provenanceStatement() is an in-toto statement about the commit, and its envelope verifies', async (t) => {
  const inventory = await sampleInventory(t);
  const statement = provenanceStatement(inventory);
  t.like(statement, {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'os/host', digest: { sha256: inventory.commit.checksum } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        externalParameters: { ref: 'os/host', version: '7' },
        internalParameters: { inputId: 'abc', sourceDateEpoch: 1_700_000_000, parent: null },
        resolvedDependencies: [
          { name: 'app-2:1.0+x-1.noarch', digest: { sha256: digest } },
          { name: 'lib-1-1.noarch' },
        ],
      },
    },
  });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const envelope = signedEnvelope(statement, privateKey) as unknown as {
    payload: string;
    signatures: { sig: string }[];
  };
  const payload = Buffer.from(envelope.payload, 'base64');
  t.deepEqual(JSON.parse(payload.toString()), statement);
  const signature = Buffer.from(envelope.signatures[0]!.sig, 'base64');
  t.true(verify(null, preAuthentication(payload), publicKey, signature));
});

test('preAuthentication() is the example of the DSSE specification, with the type of in-toto', (t) => {
  t.is(
    preAuthentication(Buffer.from('hello world')).toString(),
    'DSSEv1 28 application/vnd.in-toto+json 11 hello world',
  );
});

interface SpdxDocument {
  readonly documentNamespace: string;
  readonly packages: readonly (Readonly<Record<'SPDXID' | 'licenseDeclared' | 'downloadLocation', string>> & {
    readonly filesAnalyzed: boolean;
  })[];
  readonly relationships: readonly Readonly<Record<'spdxElementId' | 'relatedSpdxElement', string>>[];
  readonly hasExtractedLicensingInfos: readonly { readonly licenseId: string }[];
}

async function sampleInventory(t: Parameters<typeof tinyRepo>[0]): Promise<Inventory> {
  const tiny = await tinyRepo(t);
  const common = { release: '1', arch: 'noarch' };
  const app = { ...common, name: 'app', version: '1.0+x', epoch: 2, license: 'MIT AND Zlib', vendor: 'Example' };
  const database = await rpmDatabase(tiny.folder, [
    { ...common, name: 'lib', version: '1', license: 'See the file' },
    { ...app, summary: 'An app', url: 'https://example.org/app' },
  ]);
  const locked = { ...common, name: 'app', version: '1.0+x', epoch: 2, checksum: { type: 'sha256', value: digest } };
  const lock = { kind: 'package-lock', version: 1, arch: 'x86_64', packages: [locked], repos: [] };
  await tiny.commit({
    version: '7',
    inputId: 'abc',
    files: {
      'usr/share/rpm/rpmdb.sqlite': { content: database, mode: 0o644 },
      'usr/lib/os-release': 'ID=mini\nVERSION_ID="1"\n',
      'usr/share/slipway/lock.json': JSON.stringify(lock),
      'usr/share/slipway/treefile.json': JSON.stringify({ ref: 'os/host' }),
    },
  });
  return readInventory(tiny.repo, 'os/host', testContext());
}

async function spdxValidator(): Promise<ValidateFunction> {
  const ajv = new Ajv2019({ strict: false });
  addFormats.default(ajv);
  const schema = new URL('../../fixtures/spdx/spdx-schema-v2.3.json', import.meta.url);
  return ajv.compile(JSON.parse(await readFile(schema, 'utf8')));
}

/** The schemas come with CycloneDX's own library. */
async function cycloneDxValidator(): Promise<ValidateFunction> {
  const library = dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json'));
  const schema = async (name: string): Promise<object> =>
    JSON.parse(await readFile(join(library, 'res/schema', name), 'utf8'));
  const ajv = new Ajv({ strict: false, formats: { 'iri-reference': true, 'idn-email': true } });
  addFormats.default(ajv);
  for (const name of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json']) {
    ajv.addSchema(await schema(name), `http://cyclonedx.org/schema/${name}`);
  }
  ajv.addSchema(await schema('cryptography-defs.SNAPSHOT.schema.json'));
  return ajv.compile(await schema('bom-1.6.SNAPSHOT.schema.json'));
}
