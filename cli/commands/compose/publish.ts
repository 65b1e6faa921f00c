// `slipway compose publish`: a commit into an archive repository, signed, with summary and static delta.

import { resolve } from 'node:path';
import { type PublishResult, publishToArchive } from '../../../compose/publish/publish.ts';
import { defineCommand } from '../../command.ts';
import { readSigners, signingOptions } from '../../signing-options.ts';

export const command = defineCommand({
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository that has the commit' },
    ref: { type: 'string', demandOption: true, describe: 'Ref to publish' },
    to: { type: 'string', demandOption: true, describe: 'Archive repository to publish into; made when missing' },
    commit: { type: 'string', describe: 'Ref, checksum, version or REF^ (default: what --ref names in --repo)' },
    'static-delta': {
      type: 'boolean',
      default: true,
      describe: 'Make the difference to what was published before (--no-static-delta for none)',
    },
    ...signingOptions,
  } as const,
  examples: [
    ['compose publish --repo repo --ref os/host --to www/repo', 'Make what os/host names available in www/repo'],
    ['compose publish --repo repo --ref os/host --to www/repo --sign-ed25519-key key.pem', 'Sign it as well'],
  ],
  async run(argv, { events, signal }) {
    const signers = await readSigners(argv);
    const { repo, ref, to } = argv;
    const commit = argv.commit === undefined ? {} : { commit: argv.commit };
    const result = await publishToArchive(
      { repo: resolve(repo), ref, to: resolve(to), delta: argv.staticDelta, signers, ...commit },
      { events, signal },
    );
    return { document: result, text: formatPublished(result) };
  },
});

export function formatPublished(result: PublishResult): string {
  const version = result.commitVersion === null ? '' : ` version ${result.commitVersion}`;
  const signed = result.signatures.length === 0 ? 'not signed' : `signed with ${result.signatures.join(' and ')}`;
  const delta = result.delta ? `, static delta from ${result.previous}` : '';
  return `${result.ref}${version} is in ${result.to}\ncommit ${result.checksum}, ${signed}${delta}`;
}
