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
import { baseEnvironment } from '../../lib/base-environment.ts';
import { missingTool } from '../../lib/command-line.ts';
import { Cancelled, UserError } from '../../lib/errors.ts';
import type { MetadataRecord } from './repomd.ts';
import { parenthesesLimit } from './solv/limits.ts';

/** Metadata of big repositories unpacks to 100 MB: few large chunks cost less than many small ones. */
const chunkBytes = 1 << 20;

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
        createReadStream(source, { highWaterMark: chunkBytes }),
        hashing(packed),
        ...(decompressor === null ? [] : [decompressor]),
        hashing(open),
        ...(record.type === 'primary' ? [limitingParentheses(record, repo)] : []),
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
      return createGunzip({ chunkSize: chunkBytes });
    case 'zst':
      return createZstdDecompress({ chunkSize: chunkBytes });
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

/**
 * libsolv recurses into rich dependencies, which only `primary` has; deeply nested ones would overflow the stack (found with 10,000 levels). In
 * other metadata parentheses are text, and modules.yaml has no tags between them. Parentheses between
 * two tags are counted, not matched: jumping from one to the next is several times faster than looking at every byte.
 */
function limitingParentheses(record: MetadataRecord, repo: string): Transform {
  const [lessThan, openParenthesis] = [0x3c, 0x28];
  let count = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let last = -1;
      for (let at = chunk.indexOf(openParenthesis); at !== -1; at = chunk.indexOf(openParenthesis, at + 1)) {
        count = chunk.lastIndexOf(lessThan, at) > last ? 1 : count + 1;
        last = at;
        if (count <= parenthesesLimit) continue;
        done(damaged(record, repo, `a dependency has more than ${parenthesesLimit} parentheses`));
        return;
      }
      if (chunk.lastIndexOf(lessThan) > last) count = 0;
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
