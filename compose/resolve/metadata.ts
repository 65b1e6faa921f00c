// The state of one repository: its mirrors and its verified index (repomd.xml); and its records, brought near and unpacked on demand.
// What a local repository with parsed metadata does without is loaded on demand too.

import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { temporaryNameBeside, writeFileAtomically } from '../../lib/files.ts';
import { hasDigest } from './digest.ts';
import { fetchIndex, findMirrors } from './mirrors.ts';
import type { ModuleMetadata } from './modules.ts';
import type { RepoConfig } from './repo-config.ts';
import { type MetadataRecord, parseRepomd, type Repomd } from './repomd.ts';
import type { RepoSession } from './session.ts';

export interface RepoState {
  readonly repo: RepoConfig;
  /** Mirrors, best first; all `file:` or all HTTP(S). */
  readonly baseUrls: readonly string[];
  readonly repomd: Repomd;
  /** SHA-256 of repomd.xml. */
  readonly repomdDigest: string;
}

/**
 * Reads repomd.xml: from a `file:` repository directly, else from the first mirror that answers; with `metadata_expire=never` from
 * the cache when it is there. The signature is checked where `repo_gpgcheck` asks for it.
 * @throws UserError `repo-unreachable`, `repomd-unusable`, `download-failed`, and what findMirrors() and verifyIndex() throw
 */
export async function readRepoState(session: RepoSession): Promise<RepoState> {
  const { repo } = session;
  const mirrors = await findMirrors(session);
  const key = sha256([repo.id, repo.metalink ?? repo.mirrorlist ?? '', ...repo.baseUrls, ...signersOf(repo)].join(' '));
  const kept = join(session.cacheDir, 'metadata', 'indexes', `${key}.xml`);
  const cached = repo.refresh === 'never' ? await readFile(kept).catch(() => undefined) : undefined;
  const content = cached ?? (await fetchIndex(session, mirrors));
  if (cached === undefined && repo.repoGpgCheck) {
    const { verifyIndex } = await import('./verify-index.ts');
    await verifyIndex(session, mirrors.baseUrls, content);
  }
  const repomd = parseIndex(repo, mirrors.baseUrls[0]!, content);
  if (cached === undefined && repo.refresh === 'never') await writeFileAtomically(kept, content);
  return { repo, baseUrls: mirrors.baseUrls, repomd, repomdDigest: sha256(content) };
}

/** By whom a kept index was checked: one that nobody checked, or other keys did, does not count as checked. */
function signersOf(repo: RepoConfig): readonly string[] {
  return repo.repoGpgCheck ? ['signed by', ...repo.gpgKeys] : [];
}

/**
 * Unpacks a record to a file that the caller removes. Over HTTP the packed file is kept in the cache under its digest.
 * @throws UserError `repo-without-record` and those of transfer() and unpackMetadata()
 */
export async function unpackRecord(state: RepoState, type: string, session: RepoSession): Promise<string> {
  const record = state.repomd.records.get(type);
  if (record === undefined) {
    throw new UserError(
      'repo-without-record',
      `the repository ${state.repo.id} has no ${type} metadata, which is needed`,
      {
        hint: 'make its metadata again with createrepo_c',
      },
    );
  }
  const { unpackMetadata } = await import('./unpack.ts');
  const source = await bringNear(state, record, session);
  const target = temporaryNameBeside(join(session.cacheDir, 'metadata', `${type}-${record.checksum.value}.open`));
  await unpackMetadata(source, record, state.repo.id, target, session.signal);
  return target;
}

/** The modular metadata of a repository, or null when it has no modules. @throws UserError `metadata-damaged` */
export async function readModules(state: RepoState, session: RepoSession): Promise<ModuleMetadata | null> {
  if (state.repo.moduleHotfixes || !state.repomd.records.has('modules')) return null;
  const { parseModules } = await import('./modules.ts');
  const path = await unpackRecord(state, 'modules', session);
  try {
    return parseModules(await readFile(path, 'utf8'));
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new UserError(
      'metadata-damaged',
      `the modules of the repository ${state.repo.id} cannot be read: ${reason}`,
      { cause },
    );
  } finally {
    await rm(path, { force: true });
  }
}

async function bringNear(state: RepoState, record: MetadataRecord, session: RepoSession): Promise<string> {
  const urls = state.baseUrls.map((base) => `${base}/${record.href}`);
  if (urls[0]!.startsWith('file:')) {
    const path = fileURLToPath(urls[0]!);
    await access(path).catch((cause: Error) => {
      throw new UserError(
        'metadata-missing',
        `${record.type} metadata of the repository ${state.repo.id} is missing: ${cause.message}`,
        {
          hint: 'make its metadata again with createrepo_c',
          cause,
        },
      );
    });
    return path;
  }
  const { type, value } = record.checksum;
  const target = join(session.cacheDir, 'metadata', type, `${value}${/(\.[a-z]+){1,2}$/.exec(record.href)?.[0] ?? ''}`);
  if (await hasDigest(target, record.checksum)) return target;
  const { transfer } = await import('./transfer.ts');
  const what = `the ${record.type} metadata of the repository ${state.repo.id}`;
  const tools = { client: await session.client(), signal: session.signal };
  const size = record.size === undefined ? {} : { size: record.size };
  await transfer({ what, urls, target, checksum: record.checksum, retries: state.repo.retries, ...size }, tools);
  return target;
}

function parseIndex(repo: RepoConfig, baseUrl: string, content: Buffer): Repomd {
  try {
    return parseRepomd(content.toString('utf8'));
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new UserError(
      'repomd-unusable',
      `${baseUrl}/repodata/repomd.xml (repository ${repo.id}) cannot be used: ${reason}`,
      {
        hint: 'the URL may not be that of a repository; make its metadata with createrepo_c',
        cause,
      },
    );
  }
}
