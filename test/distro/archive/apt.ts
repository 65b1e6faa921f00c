// apt as the keeper of the Debian archive's signed index: a private configuration that sees nothing of this machine's packages but
// keeps its mirror, proxies and certificates.

import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError, UserError } from '../../../lib/errors.ts';
import type { Events } from '../../../lib/events.ts';
import { run } from '../../../lib/run.ts';

export interface Tools {
  readonly events: Events;
  readonly signal: AbortSignal;
}

/** Debian's name for the architecture that the sample distribution is made for. */
export const debianArchitecture = 'amd64';

/** A mirror of the Debian archive as this machine's apt knows it. */
export interface DebianMirror {
  readonly uri: string;
  /** Keyring file, or null to trust what apt trusts. */
  readonly keyring: string | null;
}

const debianReleases = new Set([
  ...['buster', 'bullseye', 'bookworm', 'trixie', 'forky', 'duke', 'sid'],
  ...['oldoldstable', 'oldstable', 'stable', 'testing', 'unstable'],
]);

/** Where the package debian-archive-keyring puts the archive's keys, by age of that package. */
const keyringFiles = [
  '/usr/share/keyrings/debian-archive-keyring.pgp',
  '/usr/share/keyrings/debian-archive-keyring.gpg',
];

/**
 * The mirror that this machine's own apt sources name for Debian's main archive.
 * @throws UserError `no-apt` where there is no apt, `no-debian-mirror` when the sources name none.
 */
export async function findDebianMirror(tools: Tools): Promise<DebianMirror> {
  const targets = await runApt(['apt-get', 'indextargets', 'Created-By: Packages'], tools);
  const uri = debianUriOf(targets);
  if (uri === undefined) {
    throw new UserError('no-debian-mirror', 'the apt sources of this machine name no mirror of the Debian archive', {
      hint: 'the sample distribution is made on Debian; give --mirror URI to name one',
    });
  }
  return { uri, keyring: await findKeyring() };
}

/** The first base URI of a Debian release (not of its updates or security) in the output of `apt-get indextargets`. */
export function debianUriOf(targets: string): string | undefined {
  for (const stanza of targets.split(/\n\n+/)) {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1];
    if (field('Component') === 'main' && debianReleases.has(field('Release') ?? '')) return field('Repo-URI');
  }
  return undefined;
}

/** The keyring of the Debian archive, or null when this machine has none of its own. */
export async function findKeyring(): Promise<string | null> {
  for (const file of keyringFiles) {
    try {
      await access(file);
      return file;
    } catch {
      // the next name
    }
  }
  return null;
}

/** Where the private apt keeps its files, all under one folder of ours. */
export interface AptFolders {
  readonly state: string;
  readonly cache: string;
  readonly sourcesFile: string;
}

export async function makeAptFolders(folder: string): Promise<AptFolders> {
  const folders = {
    state: join(folder, 'state'),
    cache: join(folder, 'cache'),
    sourcesFile: join(folder, 'sources.list'),
  };
  await mkdir(join(folders.state, 'lists', 'partial'), { recursive: true });
  await mkdir(join(folders.cache, 'archives', 'partial'), { recursive: true });
  return folders;
}

/** One line for sources.list(5): the main component of a suite. */
export function sourcesLine(mirror: DebianMirror, suite: string): string {
  const options = [`arch=${debianArchitecture}`, ...(mirror.keyring === null ? [] : [`signed-by=${mirror.keyring}`])];
  return `deb [${options.join(' ')}] ${mirror.uri} ${suite} main\n`;
}

/** Options that make apt work in our folders, as if on a machine without any package. */
export function aptOptions(folders: AptFolders): string[] {
  const options = {
    'Dir::State': folders.state,
    'Dir::State::lists': join(folders.state, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::State::extended_states': join(folders.state, 'extended_states'),
    'Dir::Cache': folders.cache,
    // apt leaves packages out of --print-uris that it finds in its archives
    'Dir::Cache::archives': join(folders.cache, 'archives'),
    'Dir::Etc::sourcelist': folders.sourcesFile,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'APT::Architecture': debianArchitecture,
    'APT::Architectures': debianArchitecture,
    'APT::Install-Recommends': 'false',
    'APT::Install-Suggests': 'false',
    'APT::Get::AllowUnauthenticated': 'false',
    // The folders are the user's own: the user _apt cannot reach them.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled': 'false',
    'Acquire::Retries': '3',
    // apt's defaults, which this machine may have changed: without a good signature there is no index.
    'Acquire::AllowInsecureRepositories': 'false',
    'Acquire::AllowDowngradeToInsecureRepositories': 'false',
    'Acquire::AllowWeakRepositories': 'false',
  };
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/**
 * A command that waits until no other process uses the folders in the same way: apt itself fails when its index is locked. Readers (`shared`)
 * only wait for the one that fetches the index.
 */
export function waitingArgv(folders: AptFolders, kind: 'shared' | 'exclusive', argv: readonly string[]): string[] {
  // Without a process in between, so that a cancel reaches apt.
  return ['flock', `--${kind}`, '--no-fork', join(folders.state, 'slipway.lock'), ...argv];
}

/** Exit status of flock(1) for a program that it cannot start (sysexits.h, EX_UNAVAILABLE); apt's own failures are 100. */
const notStarted = 69;

/** Runs one of apt's programs and gives its stdout. @throws UserError `no-apt` where there is no apt. */
export async function runApt(argv: readonly string[], tools: Tools): Promise<string> {
  try {
    const { stdout } = await run(argv, { events: tools.events, signal: tools.signal });
    return stdout;
  } catch (error) {
    const isMissing =
      (error instanceof UserError && error.code === 'tool-missing') ||
      (error instanceof ToolError && error.exitCode === notStarted);
    if (isMissing) {
      throw new UserError(
        'no-apt',
        'the sample distribution is made from Debian packages, and this machine has no apt',
        {
          hint: 'make it on a Debian machine and copy the folder, or write a treefile for the repositories of your own distribution',
          cause: error,
        },
      );
    }
    throw error;
  }
}
