// `slipway compose publish`: a commit into an archive repository, signed, with summary and static delta.

import { resolve } from 'node:path';
import { type PublishResult, publishCommit } from '../../../compose/publish/publish.ts';
import { readSecretKey } from '../../../compose/publish/signature.ts';
import { UserError } from '../../../lib/errors.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository that has the commit' },
    ref: { type: 'string', demandOption: true, describe: 'Ref to publish' },
    to: { type: 'string', demandOption: true, describe: 'Archive repository to publish into; made when missing' },
    commit: { type: 'string', describe: 'Checksum, version or REF^ (default: what the ref names)' },
    'static-delta': { type: 'boolean', default: true, describe: 'Make the difference to what was published before' },
    'gpg-sign': { type: 'string', describe: 'Sign commit and summary with this GPG key' },
    'gpg-homedir': { type: 'string', describe: 'GPG keyring folder (default: your own)' },
    'sign-ed25519-key': { type: 'string', describe: 'Sign commit and summary with the secret key in this file' },
  } as const,
  examples: [
    ['compose publish --repo repo --ref os/host --to www/repo', 'Make what os/host names available in www/repo'],
    ['compose publish --repo repo --ref os/host --to www/repo --sign-ed25519-key key.pem', 'Sign it as well'],
  ],
  async run(argv, { events, signal }) {
    if (argv.gpgHomedir !== undefined && argv.gpgSign === undefined) {
      throw new UserError('usage', '--gpg-homedir has a meaning only together with --gpg-sign');
    }
    const homedir = argv.gpgHomedir === undefined ? null : resolve(argv.gpgHomedir);
    const signers = {
      gpg: argv.gpgSign === undefined ? null : { keyId: argv.gpgSign, homedir },
      ed25519: argv.signEd25519Key === undefined ? null : await readSecretKey(argv.signEd25519Key),
    };
    const { repo, ref, to } = argv;
    const commit = argv.commit === undefined ? {} : { commit: argv.commit };
    const result = await publishCommit(
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
