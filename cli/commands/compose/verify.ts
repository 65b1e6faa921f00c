// `slipway compose verify`: is this commit what its treefile and its packages make?

import { resolve } from 'node:path';
import { type VerifyReport, verifyCommit } from '../../../compose/verify/verify.ts';
import { cacheDirectory } from '../../../lib/cache.ts';
import { archOption } from '../../arch-option.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  positionals: { commit: { type: 'string', demandOption: true, describe: 'Ref, checksum, version or REF^' } },
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository that has the commit' },
    treefile: { type: 'string', demandOption: true, describe: 'The treefile that it was made from' },
    cachedir: { type: 'string', describe: 'Folder to work in (default: the cache folder of this user)' },
    ...archOption,
  } as const,
  examples: [
    ['compose verify os/host --repo repo --treefile host.yaml', 'Make it again with empty caches and compare'],
  ],
  async run(argv, { events, signal }) {
    const { repo, commit, treefile, cachedir, arch } = argv;
    const report = await verifyCommit(
      {
        repo,
        commit,
        treefileFile: treefile,
        workParent: resolve(cachedir ?? cacheDirectory()),
        ...(arch === undefined ? {} : { arch }),
      },
      { events, signal },
    );
    return { document: report, text: formatReport(report), exitCode: report.reproduced ? 0 : 1 };
  },
});

const maximumFiles = 20;

export function formatReport({ checksum, rebuilt, reproduced, sameInputs, metadata, files }: VerifyReport): string {
  if (reproduced) return `${checksum} is what its treefile and packages make`;
  const paths = [
    ...files.changed.map(({ path, aspects }) => `  ~ ${path} (${aspects.join(', ')})`),
    ...files.added.map(({ path }) => `  + ${path}`),
    ...files.removed.map(({ path }) => `  - ${path}`),
  ];
  return [
    `${checksum} was not reproduced: the same work gave ${rebuilt}`,
    ...(sameInputs ? [] : ['The inputs are other ones: the treefile, a file that it names, or the tools']),
    ...(metadata.length === 0 ? [] : [`metadata that differ: ${metadata.join(', ')}`]),
    paths.length === 0 ? 'The trees are the same' : `files that differ (${paths.length}):`,
    ...paths.slice(0, maximumFiles),
    ...(paths.length > maximumFiles ? [`  … and ${paths.length - maximumFiles} more`] : []),
  ].join('\n');
}
