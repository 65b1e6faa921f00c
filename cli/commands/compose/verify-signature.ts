// `slipway compose verify-signature`: are a commit and the repository's summary signed by these keys?

import { engineContext } from '../../../compose/context.ts';
import { readPublicKey } from '../../../compose/publish/signature.ts';
import { readKeyring, type SignatureReport, verifySignatures } from '../../../compose/publish/verify-signature.ts';
import { resolveCommit } from '../../../compose/repository/names.ts';
import { UserError } from '../../../lib/errors.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  positionals: { commit: { type: 'string', demandOption: true, describe: 'Ref, checksum, version or REF^' } },
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository' },
    'ed25519-key': { type: 'string', describe: 'File with the public Ed25519 key' },
    'gpg-keyring': { type: 'string', describe: 'File of public keys, as `gpg --export` writes it' },
  } as const,
  examples: [
    ['compose verify-signature os/host --repo www/repo --ed25519-key key.pub', 'Exit status 1 unless all is signed'],
  ],
  async run({ commit, repo, ed25519Key, gpgKeyring }, tools) {
    if (ed25519Key === undefined && gpgKeyring === undefined) {
      throw new UserError('usage', 'no key to check with was given', { hint: 'give --ed25519-key or --gpg-keyring' });
    }
    const verifiers = {
      ed25519: ed25519Key === undefined ? null : await readPublicKey(ed25519Key),
      gpgKeys: gpgKeyring === undefined ? null : await readKeyring(gpgKeyring),
    };
    const { checksum } = await resolveCommit(repo, commit);
    const report = await verifySignatures(repo, checksum, verifiers, engineContext(tools));
    return { document: report, text: formatReport(report), exitCode: report.good ? 0 : 1 };
  },
});

export function formatReport({ checksum, commit, summary, problems }: SignatureReport): string {
  const lines = Object.entries(commit).map(([key, good]) => `commit ${checksum}: ${word(key, good)}`);
  const others = Object.entries(summary ?? {}).map(([key, good]) => `summary: ${word(key, good)}`);
  return [...lines, ...others, ...(summary === null ? ['the repository has no summary'] : []), ...problems].join('\n');
}

function word(key: string, good: boolean): string {
  return good ? `signed (${key})` : `no good signature (${key})`;
}
