// The files that `slipway compose tree` is asked to write: refused before the work when they cannot be.

import { requireWritable } from '../../option-values.ts';
import { UsageError } from '../../usage-error.ts';

interface OutputFiles {
  readonly dryRun: boolean;
  readonly printOnly: boolean;
  readonly downloadOnly: boolean;
  readonly writeCommitidTo: string | undefined;
  readonly writeComposejsonTo: string | undefined;
  readonly writeLockfileTo: string | undefined;
  readonly touchIfChanged: string | undefined;
}

/** @throws UsageError for files about a commit where none is made (rpm-ostree leaves them out without a word), UserError `path-unusable` */
export function checkOutputFiles(argv: OutputFiles): void {
  const aboutCommit = {
    '--write-commitid-to': argv.writeCommitidTo !== undefined,
    '--write-composejson-to': argv.writeComposejsonTo !== undefined,
  };
  const aboutPackages = {
    '--write-lockfile-to': argv.writeLockfileTo !== undefined,
    '--touch-if-changed': argv.touchIfChanged !== undefined,
  };
  if (argv.printOnly) refuse('--print-only', { ...aboutCommit, ...aboutPackages });
  if (argv.downloadOnly) refuse('--download-only', aboutCommit);
  if (argv.dryRun) refuse('--dry-run', aboutCommit);
  requireWritable('write-commitid-to', argv.writeCommitidTo);
  requireWritable('write-composejson-to', argv.writeComposejsonTo);
  requireWritable('write-lockfile-to', argv.writeLockfileTo);
  requireWritable('touch-if-changed', argv.touchIfChanged);
}

function refuse(mode: string, options: Readonly<Record<string, boolean>>): void {
  const given = Object.keys(options).filter((option) => options[option]);
  if (given.length === 0) return;
  const hint = mode === '--dry-run' ? 'what is known without a commit is printed with --json' : `leave out ${mode}`;
  throw new UsageError(`${mode} makes no commit, so nothing can be written for ${given.join(' and ')}`, hint);
}
