// The closure: every Debian package that the sample distribution is made from, with the digests of the archive's signed index.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DocumentHeader, readDocument, sha256, stepId, writeDocument } from '../../../lib/documents.ts';
import { ToolError, UserError } from '../../../lib/errors.ts';
import { writeFileAtomically } from '../../../lib/files.ts';
import {
  type AptFolders,
  aptOptions,
  type DebianMirror,
  findDebianMirror,
  findKeyring,
  makeAptFolders,
  runApt,
  sourcesLine,
  type Tools,
  waitingArgv,
} from './apt.ts';
import { parseStanzas } from './control.ts';

export interface DebPackage {
  readonly name: string;
  /** Debian version, `[epoch:]upstream[-revision]`. */
  readonly version: string;
  readonly architecture: string;
  readonly url: string;
  readonly size: number;
  readonly sha256: string;
  /** Fields of the control file that say how the package stands to others. */
  readonly provides: string;
  readonly conflicts: string;
  readonly breaks: string;
}

export interface DebClosure extends DocumentHeader {
  readonly kind: 'deb-closure';
  readonly version: 1;
  readonly suite: string;
  /** SHA-256 of the archive's InRelease file. */
  readonly indexDigest: string;
  /** Sorted by name. */
  readonly packages: readonly DebPackage[];
}

/** What is known of the index that was fetched last. */
interface IndexState extends DocumentHeader {
  readonly kind: 'archive-index';
  readonly version: 1;
  readonly suite: string;
  readonly mirror: DebianMirror;
  readonly digest: string;
}

export interface ClosureRequest {
  readonly suite: string;
  readonly packages: readonly string[];
  /** Base URI of a mirror; null takes the machine's own. */
  readonly mirror: string | null;
  /** Fetch the index even when it is young. */
  readonly refresh: boolean;
  /** Folder of ours for apt's files and the resolved closures. */
  readonly folder: string;
}

/** The index is asked for again when it is older than this. */
const indexLifetimeMs = 24 * 60 * 60 * 1000;

/**
 * Resolves the closure with apt, which checks the signature of the index. Neither apt nor the network is used when the index is
 * young and the same packages were resolved from it before.
 * @throws UserError when there is no apt, no mirror, no such suite or package.
 */
export async function resolveClosure(request: ClosureRequest, tools: Tools): Promise<DebClosure> {
  const folders = await makeAptFolders(join(request.folder, 'apt'));
  const index = await refreshIndex(request, folders, tools);
  const id = stepId('deb-closure', { suite: request.suite, packages: request.packages, mirror: index.mirror.uri }, [
    index.digest,
  ]);
  const file = join(request.folder, 'closures', `${id}.json`);
  const known = await readIfThere<DebClosure>(file, 'deb-closure');
  if (known !== undefined) return known;
  const closure: DebClosure = {
    kind: 'deb-closure',
    version: 1,
    suite: request.suite,
    indexDigest: index.digest,
    packages: await askApt(request, index.mirror, folders, tools),
  };
  await writeDocument(file, closure);
  return closure;
}

async function refreshIndex(request: ClosureRequest, folders: AptFolders, tools: Tools): Promise<IndexState> {
  const stateFile = join(request.folder, 'index.json');
  const known = await readIfThere<IndexState>(stateFile, 'archive-index');
  const usable =
    known !== undefined && (request.mirror === null || request.mirror === known.mirror.uri) ? known : undefined;
  if (usable !== undefined && !request.refresh && (await ageMs(stateFile)) < indexLifetimeMs) return usable;
  const mirror =
    request.mirror === null ? await findDebianMirror(tools) : { uri: request.mirror, keyring: await findKeyring() };
  await writeFileAtomically(folders.sourcesFile, sourcesLine(mirror, request.suite));
  try {
    const update = ['apt-get', ...aptOptions(folders), '--error-on=any', '--quiet=2', 'update'];
    await runApt(waitingArgv(folders, 'exclusive', update), tools);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    if (usable !== undefined && !request.refresh) {
      tools.events.warning(`the index of ${mirror.uri} cannot be fetched; going on with the one fetched before`);
      return usable;
    }
    throw new UserError(
      'archive-unreachable',
      `the index of ${request.suite} cannot be fetched from ${mirror.uri}: ${firstError(error)}`,
      {
        hint: 'check the network, and that the mirror of this machine has the suite',
        cause: error,
      },
    );
  }
  const digest = sha256(await readFile(join(folders.state, 'lists', inReleaseName(mirror.uri, request.suite))));
  const state: IndexState = { kind: 'archive-index', version: 1, suite: request.suite, mirror, digest };
  await writeDocument(stateFile, state);
  return state;
}

async function askApt(
  request: ClosureRequest,
  mirror: DebianMirror,
  folders: AptFolders,
  tools: Tools,
): Promise<DebPackage[]> {
  // A failed attempt with another mirror may have left its own.
  await writeFileAtomically(folders.sourcesFile, sourcesLine(mirror, request.suite));
  const options = aptOptions(folders);
  const ask = (argv: readonly string[]): Promise<string> => runApt(waitingArgv(folders, 'shared', argv), tools);
  let uris: string;
  try {
    uris = await ask(['apt-get', ...options, '--quiet=2', '--yes', '--print-uris', 'install', ...request.packages]);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError(
      'closure-unsolvable',
      `apt cannot resolve the sample distribution from ${request.suite}: ${firstError(error)}`,
      {
        hint: 'the names come from test/distro/packages.txt and --package',
        cause: error,
      },
    );
  }
  const urls = new Map(parsePrintedUris(uris).map(({ name, version, url }) => [`${name}=${version}`, url]));
  const shown = await ask(['apt-cache', ...options, 'show', ...urls.keys()]);
  const packages = parseStanzas(shown).flatMap((fields) => {
    const url = urls.get(`${fields.get('Package')}=${fields.get('Version')}`);
    return url === undefined ? [] : [debPackageOf(fields, url)];
  });
  if (packages.length !== urls.size) throw new Error(`apt-cache shows ${packages.length} of ${urls.size} packages`);
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function debPackageOf(fields: ReadonlyMap<string, string>, url: string): DebPackage {
  const need = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined)
      throw new UserError('index-incomplete', `the index gives no ${name} for ${fields.get('Package')}`);
    return value;
  };
  return {
    name: need('Package'),
    version: need('Version'),
    architecture: need('Architecture'),
    url,
    size: Number(need('Size')),
    sha256: need('SHA256'),
    provides: fields.get('Provides') ?? '',
    conflicts: fields.get('Conflicts') ?? '',
    breaks: fields.get('Breaks') ?? '',
  };
}

/** Lines of `--print-uris` are `'URL' NAME_VERSION_ARCH.deb SIZE DIGEST`, with `%3a` for the colon of an epoch. */
export function parsePrintedUris(output: string): { name: string; version: string; url: string }[] {
  return [...output.matchAll(/^'([^']+)' ([^_ ]+)_([^_ ]+)_[^_ ]+\.deb /gm)].map(([, url, name, version]) => {
    return { url: url!, name: name!, version: decodeURIComponent(version!) };
  });
}

/** The name of apt's copy of an InRelease file: the URI without its scheme, `/` as `_`. */
export function inReleaseName(mirror: string, suite: string): string {
  const base = mirror.replace(/^[a-z+]+:\/*/, '').replace(/\/*$/, '/');
  return `${base}dists/${suite}/InRelease`.replaceAll('_', '%5f').replaceAll('/', '_');
}

function firstError(error: ToolError): string {
  const lines = error.output.split('\n').map((line) => line.trim());
  return (lines.find((line) => /^E: /.test(line)) ?? lines.at(-1) ?? error.message).replace(/^E: /, '');
}

async function readIfThere<T extends DocumentHeader>(file: string, kind: T['kind']): Promise<T | undefined> {
  try {
    return await readDocument<T>(file, kind, 1);
  } catch (error) {
    if (error instanceof UserError) return undefined; // it is a cache: what cannot be read is made again
    throw error;
  }
}

async function ageMs(file: string): Promise<number> {
  return Date.now() - (await stat(file)).mtimeMs;
}
