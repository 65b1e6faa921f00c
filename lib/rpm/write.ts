// Writes RPM v4 files without rpmbuild: lead, signature header (digests, no signature of the package), header, compressed cpio payload.
// Equal specs give equal bytes: there is no clock, host name or random value in the file.

import { createHash } from 'node:crypto';
import { writeFileAtomically } from '../files.ts';
import { type RpmSpec, rpmFileName } from './spec.ts';
import { rpmDigestAlgorithm, rpmLeadSize, rpmMagic, rpmRegion, rpmSignatureTag, rpmTag } from './tags.ts';
import { dependencyEntries } from './write-dependencies.ts';
import { fileEntries, fileSignatureEntries, installedSize, prepareFiles, type WrittenFile } from './write-files.ts';
import { encodeRpmHeader, type RpmHeaderEntry } from './write-header.ts';
import { compressionLevel, encodePayload, type RpmCompressor, type RpmPayload } from './write-payload.ts';
import { scriptEntries } from './write-scripts.ts';

export * from './spec.ts';

const defaultBuildTime = 1_700_000_000;

/**
 * Writes the package as one file, whole or not at all. The compressed payload is held in memory.
 * @throws TypeError when the spec contradicts itself (a path twice, a hard link to nothing, a comparison without a version).
 */
export async function writeRpm(path: string, spec: RpmSpec): Promise<void> {
  await writeFileAtomically(path, await encodeRpm(spec));
}

/** The bytes that `writeRpm()` writes. */
export async function encodeRpm(spec: RpmSpec): Promise<Buffer> {
  const compressor = spec.compressor ?? 'zstd';
  const files = await prepareFiles(spec.files ?? [], spec.buildTime ?? defaultBuildTime);
  const payload = await encodePayload(files, compressor);
  const header = encodeRpmHeader(
    [
      ...identityEntries(spec),
      ...payloadEntries(payload, compressor),
      ...dependencyEntries(
        spec,
        compressor,
        files.some((file) => file.capabilities !== ''),
      ),
      ...scriptEntries(spec),
      ...sizeEntries(files),
      ...fileEntries(files),
    ],
    rpmRegion.immutable,
  );
  return Buffer.concat([lead(spec), signature(header, payload, files), header, payload.compressed]);
}

function identityEntries(spec: RpmSpec): RpmHeaderEntry[] {
  const text = (tag: number, value: string | undefined): RpmHeaderEntry[] => {
    return value === undefined ? [] : [{ tag, type: 'string', value }];
  };
  const sourceRpm = spec.sourceRpm ?? rpmFileName({ ...spec, arch: 'src' });
  const summary = spec.summary ?? spec.name;
  return [
    { tag: rpmTag.headerI18nTable, type: 'stringArray', value: ['C'] },
    ...text(rpmTag.name, spec.name),
    ...text(rpmTag.version, spec.version),
    ...text(rpmTag.release, spec.release),
    ...(spec.epoch === undefined ? [] : [{ tag: rpmTag.epoch, type: 'int32', value: [spec.epoch] } as const]),
    { tag: rpmTag.summary, type: 'i18nString', value: summary },
    { tag: rpmTag.description, type: 'i18nString', value: spec.description ?? summary },
    { tag: rpmTag.group, type: 'i18nString', value: 'Unspecified' },
    { tag: rpmTag.buildTime, type: 'int32', value: [spec.buildTime ?? defaultBuildTime] },
    ...text(rpmTag.buildHost, 'localhost'),
    ...text(rpmTag.vendor, spec.vendor),
    ...text(rpmTag.license, spec.license ?? 'Unspecified'),
    ...text(rpmTag.url, spec.url),
    ...text(rpmTag.os, 'linux'),
    ...text(rpmTag.arch, spec.arch),
    ...text(rpmTag.sourceRpm, sourceRpm),
    ...text(rpmTag.rpmVersion, '4.18.0'),
    ...text(rpmTag.encoding, 'utf-8'),
  ];
}

function payloadEntries(payload: RpmPayload, compressor: RpmCompressor): RpmHeaderEntry[] {
  const digest = createHash('sha256').update(payload.compressed).digest('hex');
  return [
    { tag: rpmTag.payloadFormat, type: 'string', value: 'cpio' },
    { tag: rpmTag.payloadCompressor, type: 'string', value: compressor },
    { tag: rpmTag.payloadFlags, type: 'string', value: String(compressionLevel[compressor]) },
    { tag: rpmTag.payloadDigest, type: 'stringArray', value: [digest] },
    { tag: rpmTag.payloadDigestAlgo, type: 'int32', value: [rpmDigestAlgorithm.sha256] },
    { tag: rpmTag.payloadDigestAlt, type: 'stringArray', value: [payload.archiveDigest] },
  ];
}

function sizeEntries(files: readonly WrittenFile[]): RpmHeaderEntry[] {
  return [{ tag: rpmTag.size, type: 'int32', value: [installedSize(files)] }];
}

/** The signature header: digests, and signatures of files where there are some; its end is padded so that the main header starts at a multiple of 8. */
function signature(header: Buffer, payload: RpmPayload, files: readonly WrittenFile[]): Buffer {
  const hash = (algorithm: string, ...parts: Buffer[]): Buffer => {
    const state = createHash(algorithm);
    for (const part of parts) state.update(part);
    return state.digest();
  };
  const entries: RpmHeaderEntry[] = [
    { tag: rpmSignatureTag.size, type: 'int32', value: [header.length + payload.compressed.length] },
    { tag: rpmSignatureTag.md5, type: 'binary', value: hash('md5', header, payload.compressed) },
    { tag: rpmSignatureTag.payloadSize, type: 'int32', value: [payload.archiveSize] },
    { tag: rpmSignatureTag.sha1, type: 'string', value: hash('sha1', header).toString('hex') },
    { tag: rpmSignatureTag.sha256, type: 'string', value: hash('sha256', header).toString('hex') },
    ...fileSignatureEntries(files),
  ];
  const encoded = encodeRpmHeader(entries, rpmRegion.signature);
  return Buffer.concat([encoded, Buffer.alloc(-encoded.length & 7)]);
}

/** The lead: obsolete but for its magic; rpm reads name, type and architecture from the header. */
function lead(spec: RpmSpec): Buffer {
  const bytes = Buffer.alloc(rpmLeadSize);
  Buffer.from(rpmMagic.lead).copy(bytes, 0);
  bytes.writeUInt8(3, 4); // format version 3.0, also in RPM v4
  bytes.writeUInt16BE(0, 6); // a binary package
  bytes.writeUInt16BE(1, 8); // architecture number, unused
  bytes.write(`${spec.name}-${spec.version}-${spec.release}`.slice(0, 65), 10);
  bytes.writeUInt16BE(1, 76); // Linux
  bytes.writeUInt16BE(5, 78); // signatures are a header
  return bytes;
}
