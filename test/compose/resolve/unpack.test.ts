import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import type { MetadataRecord } from '../../../compose/resolve/repomd.ts';
import { unpackMetadata } from '../../../compose/resolve/unpack.ts';
import { sha256 } from '../../../lib/documents.ts';
import { UserError } from '../../../lib/errors.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const text = `<metadata>${'<package name="a (b or (c and d))"/>'.repeat(3000)}</metadata>`;

async function unpack(
  t: ExecutionContext,
  suffix: string,
  packed: Buffer,
  changes: Partial<MetadataRecord> = {},
): Promise<{ content: string; left: string[] }> {
  const folder = await temporaryFolder(t);
  const source = join(folder, 'source');
  await writeFile(source, packed);
  const record: MetadataRecord = {
    type: 'primary',
    href: `repodata/primary.xml${suffix}`,
    checksum: { type: 'sha256', value: sha256(packed) },
    openChecksum: { type: 'sha256', value: sha256(text) },
    ...changes,
  };
  const target = join(folder, 'out', 'target');
  const signal = new AbortController().signal;
  const error: unknown = await unpackMetadata(source, record, 'repo', target, signal).catch(
    (reason: unknown) => reason,
  );
  const left = await readdir(join(folder, 'out')).catch(() => []);
  if (error !== undefined) throw Object.assign(error as Error, { left });
  return { content: await readFile(target, 'utf8'), left };
}

async function xz(t: ExecutionContext): Promise<Buffer> {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'x'), text);
  await run(['xz', join(folder, 'x')]);
  return await readFile(join(folder, 'x.xz'));
}

test('unpackMetadata() reads gzip, zstd, xz and plain files', async (t) => {
  t.is((await unpack(t, '.gz', gzipSync(text))).content, text);
  t.is((await unpack(t, '.zst', zstdCompressSync(text))).content, text);
  t.is((await unpack(t, '.xz', await xz(t))).content, text);
  t.is((await unpack(t, '', Buffer.from(text))).content, text);
});

const wrong = { type: 'sha256', value: '0'.repeat(64) } as const;
const nested = (depth: number): Buffer => gzipSync(`<a name="${'(x or '.repeat(depth)}y${')'.repeat(depth)}"/>`);
const bad: readonly (readonly [string, string, () => Buffer, Partial<MetadataRecord>, string, RegExp])[] = [
  [
    'a wrong digest of the packed file',
    '.gz',
    () => gzipSync(text),
    { checksum: wrong },
    'metadata-checksum',
    /expected sha256 0{64}, got [0-9a-f]{64}$/,
  ],
  [
    'a wrong digest of the content',
    '.gz',
    () => gzipSync(text),
    { openChecksum: wrong },
    'metadata-checksum',
    /is not what repomd\.xml says/,
  ],
  [
    'a truncated gzip file',
    '.gz',
    () => gzipSync(text).subarray(0, -20),
    {},
    'metadata-damaged',
    /cannot be used: unexpected end of file$/,
  ],
  [
    'a truncated zstd file',
    '.zst',
    () => zstdCompressSync(text).subarray(0, -20),
    {},
    'metadata-damaged',
    /cannot be used: /,
  ],
  ['rubbish called xz', '.xz', () => Buffer.from('rubbish'), {}, 'metadata-damaged', /File format not recognized/],
  ['an unknown compression', '.zip', () => gzipSync(text), {}, 'metadata-compression', /packed in an unknown way$/],
  [
    'dependencies nested deep enough to bring libsolv down',
    '.gz',
    () => nested(10_000),
    {},
    'metadata-damaged',
    /a dependency has more than 5000 parentheses$/,
  ],
];

for (const [what, suffix, packed, changes, code, message] of bad) {
  test(`unpackMetadata() refuses ${what} and leaves nothing`, async (t) => {
    const error = await t.throwsAsync(unpack(t, suffix, packed(), changes), { instanceOf: UserError, message });
    t.like(error, { code, left: [] });
  });
}

test('unpackMetadata() lets dependencies of usual depth and smileys in descriptions pass', async (t) => {
  const content = `<d>${':( '.repeat(3000)}</d><d>${':( '.repeat(4000)}</d>`;
  const packed = gzipSync(content);
  const openChecksum = { type: 'sha256', value: sha256(content) } as const;
  t.is((await unpack(t, '.gz', packed, { openChecksum })).content, content);
});

test('unpackMetadata() takes any number of parentheses in metadata without dependencies', async (t) => {
  const content = '  license: [ (GPL+ or Artistic) and BSD ]\n'.repeat(6000);
  const packed = gzipSync(content);
  const openChecksum = { type: 'sha256', value: sha256(content) } as const;
  for (const type of ['modules', 'updateinfo'])
    t.is((await unpack(t, '.gz', packed, { type, openChecksum })).content, content);
});
