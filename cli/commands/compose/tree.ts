// `slipway compose tree`: treefile -> OSTree commit. The names of options are rpm-ostree's where it has them.

import { utimes, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type ComposeOptions, type ComposeResult, composeTree } from '../../../compose/compose.ts';
import { formatPackageDiff } from '../../../compose/diff.ts';
import { explainFullDisk } from '../../../compose/full-disk.ts';
import { type PreparedCompose, prepareCompose } from '../../../compose/prepare.ts';
import type { PackageLock } from '../../../compose/resolve/lock.ts';
import { cacheDirectory } from '../../../lib/cache.ts';
import { emitWarnings } from '../../../lib/diagnostics.ts';
import { writeDocument } from '../../../lib/documents.ts';
import { UserError } from '../../../lib/errors.ts';
import type { Events } from '../../../lib/events.ts';
import { makeFolder, writeFileAtomically } from '../../../lib/files.ts';
import { archOption } from '../../arch-option.ts';
import { type CommandResult, defineCommand } from '../../command.ts';
import { lockfileOptions, readLock } from '../../lockfile-options.ts';
import { UsageError } from '../../usage-error.ts';
import { checkOutputFiles } from './output-files.ts';

export const command = defineCommand({
  positionals: { treefile: { type: 'string', demandOption: true, describe: 'Treefile (YAML or JSON)' } },
  options: {
    repo: {
      type: 'string',
      describe: 'OSTree repository for the commit; made when missing',
    },
    'repo-mode': {
      choices: ['bare-user', 'archive', 'bare'],
      default: 'bare-user',
      describe: 'Kind of a new repository',
    },
    cachedir: { type: 'string', describe: 'Folder for caches (default: the cache folder of this user)' },
    ...archOption,
    'source-date-epoch': {
      type: 'number',
      describe:
        'Time of the commit, in seconds since 1970 (default: SOURCE_DATE_EPOCH, or when the newest package was built)',
    },
    force: { type: 'boolean', default: false, describe: 'Commit even when nothing changed' },
    ...lockfileOptions,
    'write-lockfile-to': { type: 'string', describe: 'Write the chosen packages to this file' },
    'lockfile-format': {
      choices: ['slipway', 'rpm-ostree'],
      default: 'slipway',
      describe: 'Format of the written lockfile',
    },
    'add-metadata-string': {
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'KEY=VALUE for the commit; may be repeated',
    },
    parent: {
      type: 'string',
      describe: 'Checksum of the parent commit (default: what the ref names now; --no-parent for none)',
    },
    'dry-run': { type: 'boolean', default: false, describe: 'Only say what would change' },
    'print-only': { type: 'boolean', default: false, describe: 'Only print the merged treefile; needs no repository' },
    'download-only': { type: 'boolean', default: false, describe: 'Only fetch the packages' },
    'write-commitid-to': {
      type: 'string',
      describe: 'Write the checksum of the commit to this file, also when nothing changed',
    },
    'write-composejson-to': { type: 'string', describe: 'Write the result as JSON to this file' },
    'touch-if-changed': { type: 'string', describe: 'Touch this file when a commit was made, or would be' },
  } as const,
  examples: [
    ['compose tree host.yaml --repo repo', 'Compose host.yaml into the repository ./repo'],
    ['compose tree host.yaml --repo repo --dry-run', 'Say which packages would change'],
    ['compose tree host.yaml --repo repo --add-metadata-string version=42.1', 'Choose the version'],
  ],
  async run(argv, { events, signal }) {
    checkOutputFiles(argv);
    if (argv.printOnly) return await printed(argv.treefile, argv.arch, events);
    if (argv.repo === undefined) {
      throw new UsageError('slipway compose tree needs --repo', 'only --print-only goes without');
    }
    const tools = { events, signal };
    const options: ComposeOptions = {
      treefileFile: argv.treefile,
      repo: argv.repo,
      repoMode: argv.repoMode,
      cacheDir: resolve(argv.cachedir ?? cacheDirectory()),
      force: argv.force,
      commitMetadata: parseMetadata(argv.addMetadataString ?? []),
      lock: await readLock(argv),
      ...(argv.arch === undefined ? {} : { arch: argv.arch }),
      ...sourceDateEpoch(argv.sourceDateEpoch, process.env.SOURCE_DATE_EPOCH),
      ...parentOption(argv.parent),
    };
    if (argv.dryRun || argv.downloadOnly) {
      const prepared = await explainFullDisk(options, () => prepareCompose(options, tools));
      await writeLockfile(argv, prepared.lock, options.sourceDateEpoch);
      if (argv.downloadOnly) {
        const { fetchPackages } = await import('../../../compose/fetch-packages.ts');
        await explainFullDisk(options, () => fetchPackages(prepared, options, tools));
      }
      const changed = prepared.previous?.inputId !== prepared.inputId;
      if (argv.touchIfChanged !== undefined && changed) await touch(argv.touchIfChanged);
      return planned(prepared, changed);
    }
    const result = await composeTree(options, tools);
    await writeLockfile(argv, result.lock, options.sourceDateEpoch);
    if (argv.writeCommitidTo !== undefined) await writeFileAtomically(argv.writeCommitidTo, `${result.checksum}\n`);
    if (argv.writeComposejsonTo !== undefined) {
      await writeFileAtomically(argv.writeComposejsonTo, `${JSON.stringify(documentOf(result), null, 2)}\n`);
    }
    if (argv.touchIfChanged !== undefined && result.changed) await touch(argv.touchIfChanged);
    return { document: documentOf(result), text: formatResult(result) };
  },
});

async function writeLockfile(
  { writeLockfileTo: file, lockfileFormat }: { writeLockfileTo: string | undefined; lockfileFormat: string },
  lock: PackageLock,
  generated: number | undefined,
): Promise<void> {
  if (file === undefined) return;
  if (lockfileFormat === 'rpm-ostree') {
    const { rpmOstreeLockfileText } = await import('../../../compose/treefile/lockfile-write.ts');
    await writeFileAtomically(file, rpmOstreeLockfileText(lock, generated ?? null));
  } else await writeDocument(file, lock);
}

/** yargs gives false for `--no-parent`, whatever the option's type. */
export function parentOption(parent: string | false | undefined): Pick<ComposeOptions, 'parent'> {
  if (parent === undefined) return {};
  if (parent === false) return { parent: null };
  if (/^[0-9a-f]{64}$/.test(parent)) return { parent };
  throw new UserError('usage', `--parent takes the checksum of a commit (64 hex digits), not "${parent}"`, {
    hint: 'ask for it with `ostree rev-parse --repo=REPO REF`, or give --no-parent',
  });
}

/** `KEY=VALUE` words as an object. */
function parseMetadata(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf('=');
      if (equals < 1) throw new UserError('usage', `--add-metadata-string ${word} is not of the form KEY=VALUE`);
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

function sourceDateEpoch(option: number | undefined, variable: string | undefined): { sourceDateEpoch?: number } {
  const value = option ?? (variable === undefined || variable === '' ? undefined : Number(variable));
  if (value === undefined) return {};
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new UserError('usage', `the time ${variable ?? value} is not a whole number of seconds since 1970`);
  }
  return { sourceDateEpoch: value };
}

export function formatResult(result: ComposeResult): string {
  const version = result.version === null ? '' : ` version ${result.version}`;
  if (!result.changed) return `No input changed since ${result.checksum}: no commit made`;
  return [
    `${result.ref}${version}`,
    `commit ${result.checksum}, ${result.packages} packages`,
    ...(result.previous === null ? [] : formatPackageDiff(result.diff)),
  ].join('\n');
}

function planned({ previous, inputId, diff, lock, treefile }: PreparedCompose, changed: boolean): CommandResult {
  const head = changed
    ? `${treefile.ref} would get a new commit, ${lock.packages.length} packages`
    : 'No input changed';
  const document = {
    kind: 'compose-forecast',
    version: 1,
    changed,
    ref: treefile.ref,
    inputId,
    previous: previous?.checksum ?? null,
    diff,
  };
  return { document, text: [head, ...formatPackageDiff(diff)].join('\n') };
}

/** As `slipway treefile show` prints it: neither repositories nor the network are asked. */
async function printed(file: string, arch: string | undefined, events: Events): Promise<CommandResult> {
  const [{ flattenTreefile }, { printTreefile }, { flattenOptions }] = await Promise.all([
    import('../../../compose/treefile/flatten.ts'),
    import('../../../compose/treefile/print.ts'),
    import('../treefile/common.ts'),
  ]);
  const { flat, warnings } = flattenTreefile(file, flattenOptions(arch));
  emitWarnings(warnings, events);
  const treefile = printTreefile(flat);
  return { document: treefile, text: JSON.stringify(treefile, null, 2) };
}

/** What `--json` prints and `--write-composejson-to` writes. */
interface ComposedCommit extends Omit<ComposeResult, 'lock' | 'version'> {
  readonly kind: 'composed-commit';
  readonly version: 1;
  readonly commitVersion: string | null;
}

function documentOf({ lock: _lock, version: commitVersion, ...rest }: ComposeResult): ComposedCommit {
  return { kind: 'composed-commit', version: 1, commitVersion, ...rest };
}

async function touch(path: string): Promise<void> {
  await makeFolder(dirname(path)); // as the other files that are asked for
  await writeFile(path, '', { flag: 'a' });
  const now = new Date();
  await utimes(path, now, now);
}
