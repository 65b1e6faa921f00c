// Brings one file of a repository to a local path: mirrors in turn, retries with back-off, resumed by Range, size and digest checked
// while the bytes pass. A file under its final name is always whole and verified.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isDiskFull } from '../../lib/disk-full.ts';
import { Cancelled, UserError } from '../../lib/errors.ts';
import { temporaryNameBeside } from '../../lib/files.ts';
import type { HttpClient, HttpResponse } from './http.ts';
import type { Checksum } from './repomd.ts';

export interface TransferSpec {
  /** What it is, for messages: `primary metadata of the repository fedora`. */
  readonly what: string;
  /** The same file on several mirrors, best first; http or https. */
  readonly urls: readonly string[];
  /** Absolute path of the result. */
  readonly target: string;
  readonly checksum?: Checksum;
  /** For a file whose digest is not known: why what a mirror gave cannot be taken, or null; the mirror is not asked again. */
  readonly refuse?: (file: string) => Promise<string | null>;
  /** Bytes. */
  readonly size?: number;
  readonly retries: number;
  /** More than this many bytes are never written: a server cannot fill the disk. */
  readonly limit?: number;
}

export interface TransferTools {
  readonly client: HttpClient;
  readonly signal: AbortSignal;
  /** Called with the bytes on disk so far. */
  readonly onBytes?: (bytes: number) => void;
  /** First pause before another try, in ms; it doubles. */
  readonly backoffMs?: number;
}

/** A failure that another try at the same mirror cannot mend. */
class Permanent extends Error {}

/** What was received so far must not be continued. */
class Unusable extends Error {}

/** @throws UserError `download-failed` naming every URL and why it failed, `cache-unwritable`; Cancelled. */
export async function transfer(spec: TransferSpec, tools: TransferTools): Promise<void> {
  const partial = await claimPartial(spec);
  const failures = new Map<string, string>();
  const hopeless = new Set<string>();
  try {
    for (let round = 0; round <= spec.retries; round++) {
      const urls = spec.urls.filter((url) => !hopeless.has(url));
      if (urls.length === 0) break;
      if (round > 0) await pause((tools.backoffMs ?? 500) * 2 ** (round - 1), tools.signal);
      // Each round starts at another mirror, so that one that stalls does not take every first try.
      const url = urls[round % urls.length]!;
      for (const candidate of [url, ...urls.filter((other) => other !== url)]) {
        try {
          await attempt(candidate, partial, spec, tools);
          await rename(partial, spec.target);
          return;
        } catch (error) {
          if (tools.signal.aborted) throw new Cancelled();
          if (isLocal(error)) throw cannotWrite(spec, error as NodeJS.ErrnoException);
          failures.set(candidate, reasonOf(error));
          if (error instanceof Permanent) hopeless.add(candidate);
        }
      }
    }
  } finally {
    await keepPartial(partial, spec).catch((error) => {
      throw cannotWrite(spec, error);
    });
  }
  throw failed(spec, failures);
}

async function attempt(url: string, partial: string, spec: TransferSpec, tools: TransferTools): Promise<void> {
  // Without a digest nothing says that two mirrors, or the same one a moment later, have the same file.
  const have = spec.checksum === undefined ? 0 : await sizeOf(partial);
  const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
  const response = await tools.client.get(url, headers, tools.signal);
  try {
    const start = startOfBody(response, have);
    const got = await receive(response, partial, start, spec, tools);
    if (spec.size !== undefined && got.bytes !== spec.size) {
      // What is too short can be continued.
      throw new (got.bytes < spec.size ? Error : Unusable)(`expected ${spec.size} bytes, got ${got.bytes}`);
    }
    if (spec.checksum !== undefined && got.digest !== spec.checksum.value) {
      throw new Unusable(`expected ${spec.checksum.type} ${spec.checksum.value}, got ${got.digest}`);
    }
    const refusal = await spec.refuse?.(partial);
    if (typeof refusal === 'string') throw new Permanent(refusal);
    return;
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    await rm(partial, { force: true });
    if (have === 0) throw error;
  } finally {
    response.body.destroy();
  }
  // What was there already, from another mirror or from before a power cut, may be to blame: this mirror gets a try of its own.
  await attempt(url, partial, spec, tools);
}

/** Offset at which the body belongs. */
function startOfBody(response: HttpResponse, have: number): number {
  if (response.status === 200) return 0;
  if (response.status === 206 || (response.status === 416 && have > 0)) {
    const range = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '');
    if (response.status === 206 && Number(range?.[1]) === have) return have;
    throw new Unusable('the partial download does not fit the file on the server');
  }
  const message = `the server answers ${response.status}`;
  const worthRetry = response.status >= 500 || [408, 425, 429].includes(response.status);
  throw worthRetry ? new Error(message) : new Permanent(message);
}

/** Writes the body behind the first `start` bytes of `partial`; gives size and digest of the whole. */
async function receive(
  response: HttpResponse,
  partial: string,
  start: number,
  spec: TransferSpec,
  tools: TransferTools,
): Promise<{ bytes: number; digest: string }> {
  const limit = spec.size ?? spec.limit ?? Number.POSITIVE_INFINITY;
  const hash = createHash(spec.checksum?.type ?? 'sha256');
  if (start > 0) for await (const chunk of createReadStream(partial, { end: start - 1 })) hash.update(chunk as Buffer);
  let bytes = start;
  const file = createWriteStream(partial, start === 0 ? { flags: 'w' } : { flags: 'r+', start });
  await pipeline(
    response.body,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > limit) throw new Unusable(`it is longer than ${limit} bytes`);
        hash.update(chunk);
        tools.onBytes?.(bytes);
        yield chunk;
      }
    },
    file,
    { signal: tools.signal },
  );
  return { bytes, digest: hash.digest('hex') };
}

/** What an earlier run left of this file becomes ours alone by a rename, so two runs never write to one file. */
async function claimPartial(spec: TransferSpec): Promise<string> {
  const own = temporaryNameBeside(spec.target);
  try {
    await mkdir(dirname(spec.target), { recursive: true });
    // Without a digest nothing says that a left-over belongs to the same file.
    if (spec.checksum !== undefined) await rename(`${spec.target}.part`, own).catch(ignoreMissing);
  } catch (error) {
    throw cannotWrite(spec, error as NodeJS.ErrnoException);
  }
  return own;
}

async function keepPartial(own: string, spec: TransferSpec): Promise<void> {
  if (spec.checksum === undefined) await rm(own, { force: true });
  else await rename(own, `${spec.target}.part`).catch(ignoreMissing);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(ignoreMissing))?.size ?? 0;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {
    throw new Cancelled();
  });
}

/** Trouble of this machine, which no mirror mends. */
function isLocal(error: unknown): boolean {
  const codes = ['EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'EIO', 'EFBIG'];
  return isDiskFull(error) || codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

function cannotWrite(spec: TransferSpec, cause: NodeJS.ErrnoException): UserError {
  const full = isDiskFull(cause);
  const reason = full ? 'the disk is full' : cause.message;
  return new UserError('cache-unwritable', `${spec.what} cannot be stored as ${spec.target}: ${reason}`, {
    hint: `${full ? 'make room' : 'make the folder one that you may write to'}, or set SLIPWAY_CACHE to another`,
    cause,
  });
}

/** Node's errors say little by themselves; the cause or the code of the innermost one says it. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ECONNREFUSED: 'the connection is refused',
    ENOTFOUND: 'the host name is not known',
    EAI_AGAIN: 'the host name cannot be looked up now',
    ECONNRESET: 'the connection was cut',
    ERR_STREAM_PREMATURE_CLOSE: 'the connection was cut',
  };
  return known[code ?? ''] ?? (message === 'aborted' ? 'the connection was cut' : message);
}

function failed(spec: TransferSpec, failures: ReadonlyMap<string, string>): UserError {
  const reasons = [...failures].map(([url, reason]) => `${url}: ${reason}`);
  return new UserError('download-failed', `${spec.what} cannot be downloaded: ${reasons.join('; ')}`, {
    hint: 'check the URL and the network, then run it again: whole files are kept and partial ones continued',
  });
}
