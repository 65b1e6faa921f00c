// Where a repository's files come from: its baseurls, or the mirrors of its mirrorlist or metalink; and its index, fetched from them.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../lib/errors.ts';
import { whyUnreadable } from '../../lib/file-system-error.ts';
import { digestOf } from './digest.ts';
import { type RepoConfig, settingProblem } from './repo-config.ts';
import { type Checksum, parseMetalink, parseMirrorlist } from './repomd.ts';
import { fetchBytes, type RepoSession } from './session.ts';

export interface Mirrors {
  /** Best first; all `file:` or all HTTP(S), never empty. */
  readonly baseUrls: readonly string[];
  /** Digests that a metalink allows repomd.xml to have; empty: not stated. */
  readonly indexDigests: readonly Checksum[];
}

const indexLimitBytes = 16 << 20;

/** @throws DiagnosticsError when the list of mirrors is of no use; UserError `repo-unreachable`, `download-failed` */
export async function findMirrors(session: RepoSession): Promise<Mirrors> {
  const { repo } = session;
  if (repo.baseUrls.length > 0) return { baseUrls: sameKind(repo.baseUrls), indexDigests: [] };
  const listUrl = repo.metalink ?? repo.mirrorlist!;
  const kind = repo.metalink === null ? 'mirrorlist' : 'metalink';
  const hint = `correct ${kind}= of [${repo.id}] in ${repo.file}`;
  const content = await fetchAny(session, `the ${kind} of the repository ${repo.id}`, [listUrl], hint);
  const text = content.toString('utf8');
  let mirrors: Mirrors;
  try {
    // Old servers give a metalink at the address of a mirrorlist.
    const isMetalink = kind === 'metalink' || /^\s*<(\?xml|metalink)/.test(text);
    const metalink = isMetalink ? parseMetalink(text) : { baseUrls: parseMirrorlist(text), repomdDigests: [] };
    mirrors = { baseUrls: sameKind(metalink.baseUrls), indexDigests: metalink.repomdDigests };
  } catch (cause) {
    throw unusable(repo, kind, listUrl, (cause as Error).message);
  }
  if (mirrors.baseUrls.length === 0) throw unusable(repo, kind, listUrl, 'it names no mirror that Slipway can use');
  return mirrors;
}

/**
 * repomd.xml. With a metalink each mirror's copy must have one of its digests; a mirror that is behind is passed over.
 * @throws UserError `repo-unreachable`, `download-failed`, with what is wrong with each mirror
 */
export async function fetchIndex(session: RepoSession, { baseUrls, indexDigests }: Mirrors): Promise<Buffer> {
  return await fetchIndexFile(session, baseUrls, 'repomd.xml', (content) => {
    const isKnown = indexDigests.some(({ type, value }) => digestOf(content, type) === value);
    return isKnown || indexDigests.length === 0 ? null : 'it has none of the digests in the metalink';
  });
}

type Refusal = (content: Buffer) => string | null;

/** A small file of `repodata/`, from the first mirror whose copy is not refused. */
export async function fetchIndexFile(
  session: RepoSession,
  baseUrls: readonly string[],
  name: string,
  refuse: Refusal = () => null,
): Promise<Buffer> {
  const urls = baseUrls.map((base) => `${base}/repodata/${name}`);
  const { id, file } = session.repo;
  const hint = `check [${id}] in ${file}; a repository is made with createrepo_c`;
  return await fetchAny(session, `${name} of the repository ${id}`, urls, hint, refuse);
}

async function fetchAny(
  session: RepoSession,
  what: string,
  urls: readonly string[],
  hint: string,
  refuse: Refusal = () => null,
): Promise<Buffer> {
  if (!urls[0]!.startsWith('file:')) return await fetchBytes(session, what, urls, indexLimitBytes, refuse);
  const reasons: string[] = [];
  for (const url of urls) {
    try {
      const content = await readFile(fileURLToPath(url));
      const refusal = refuse(content);
      if (refusal === null) return content;
      reasons.push(`${fileURLToPath(url)}: ${refusal}`);
    } catch (cause) {
      reasons.push(`${fileURLToPath(url)}: ${whyUnreadable(cause)}`);
    }
  }
  throw new UserError('repo-unreachable', `${what} cannot be read: ${reasons.join('; ')}`, { hint });
}

/** Local and remote mirrors are fetched in different ways; the kind of the first one decides. */
function sameKind(baseUrls: readonly string[]): string[] {
  const local = baseUrls[0]?.startsWith('file:') ?? false;
  return baseUrls.filter((url) => url.startsWith('file:') === local);
}

function unusable(repo: RepoConfig, kind: string, url: string, reason: string): UserError {
  return settingProblem(repo, kind, {
    code: 'mirrors-unusable',
    message: `the ${kind} ${url} of the repository ${repo.id} cannot be used: ${reason}`,
  });
}
