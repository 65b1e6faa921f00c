// Unpacks one metadata file (gzip, xz, zstd or plain) while checking both of its checksums. Nothing reads metadata before this has
// seen every byte of it.

import { spawn } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Duplex, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { baseEnvironment, missingTool } from '../../lib/command-line.ts';
import { Cancelled, UserError } from '../../lib/errors.ts';
import type { MetadataRecord } from './repomd.ts';
import { richDependencyDepth } from './solv/limits.ts';

/**
 * Writes the content of `source` to `target`.
 * @param repo id of the repository, for messages
 * @throws UserError `metadata-checksum`, `metadata-damaged`, `metadata-compression`; Cancelled. `target` is then not there.
 */
export async function unpackMetadata(
  source: string,
  record: MetadataRecord,
  repo: string,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const packed = createHash(record.checksum.type);
  const open = createHash(record.openChecksum?.type ?? 'sha256');
  const decompressor = decompressorFor(record, repo);
  await mkdir(dirname(target), { recursive: true });
  try {
    await pipeline(
      [
        createReadStream(source),
        hashing(packed),
        ...(decompressor === null ? [] : [decompressor]),
        hashing(open),
        limitingDepth(record, repo),
        createWriteStream(target),
      ],
      { signal },
    ).catch((cause: Error) => {
      if (signal.aborted) throw new Cancelled();
      if (cause instanceof UserError) throw cause;
      throw damaged(record, repo, cause.message, cause);
    });
    checkDigest(record, repo, record.checksum.value, packed.digest('hex'));
    if (record.openChecksum !== undefined) checkDigest(record, repo, record.openChecksum.value, open.digest('hex'));
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}

function checkDigest(record: MetadataRecord, repo: string, expected: string, got: string): void {
  if (expected === got) return;
  throw new UserError(
    'metadata-checksum',
    `${record.href} of the repository ${repo} is not what repomd.xml says: expected ${record.checksum.type} ${expected}, got ${got}`,
    { hint: 'the repository is being changed or is damaged; try again later or make its metadata again' },
  );
}

function decompressorFor(record: MetadataRecord, repo: string): Duplex | null {
  const suffix = /\.([a-z0-9]+)$/.exec(record.href)?.[1] ?? '';
  switch (suffix) {
    case 'gz':
      return createGunzip();
    case 'zst':
      return createZstdDecompress();
    case 'xz':
      return xzDecompressor();
    case 'xml':
    case 'yaml':
      return null;
  }
  throw new UserError('metadata-compression', `${record.href} of the repository ${repo} is packed in an unknown way`, {
    hint: 'gz, xz and zst are read; make the metadata again with createrepo_c --general-compress-type=zstd',
  });
}

function xzDecompressor(): Duplex {
  return Duplex.from(async function* (packed: AsyncIterable<Buffer>) {
    const xz = spawn('xz', ['--decompress', '--stdout'], { stdio: ['pipe', 'pipe', 'pipe'], env: baseEnvironment() });
    const complaint: Buffer[] = [];
    xz.stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
    const ended = new Promise<number | null>((resolve, reject) => {
      xz.on('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? missingTool('xz') : error));
      xz.on('close', resolve);
    });
    ended.catch(() => {}); // it is awaited below, after the output
    const fed = pipeline(packed, xz.stdin).catch(() => {}); // when xz gives up, its status and its words tell why
    try {
      yield* xz.stdout as AsyncIterable<Buffer>;
      await fed;
      const status = await ended;
      if (status !== 0) throw new Error(Buffer.concat(complaint).toString().trim() || `xz ended with status ${status}`);
    } finally {
      xz.kill();
    }
  });
}

function hashing(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

/** libsolv recurses into rich dependencies; deeply nested ones would overflow the stack (found with 10,000 levels). */
function limitingDepth(record: MetadataRecord, repo: string): Transform {
  const [lessThan, openParenthesis, closeParenthesis] = [0x3c, 0x28, 0x29];
  let depth = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let index = 0; index < chunk.length; index++) {
        const byte = chunk[index];
        if (byte === lessThan) depth = 0;
        else if (byte === openParenthesis) depth++;
        else if (byte === closeParenthesis) depth--;
        if (depth <= richDependencyDepth) continue;
        const reason = `a dependency is nested deeper than ${richDependencyDepth} levels`;
        done(damaged(record, repo, reason));
        return;
      }
      done(null, chunk);
    },
  });
}

function damaged(record: MetadataRecord, repo: string, reason: string, cause?: unknown): UserError {
  return new UserError('metadata-damaged', `${record.href} of the repository ${repo} cannot be used: ${reason}`, {
    hint: 'make the metadata of that repository again',
    cause,
  });
}
