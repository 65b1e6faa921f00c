// `slipway compose provenance`: how a commit was made, as a SLSA statement, signed on request.

import { engineContext } from '../../../compose/context.ts';
import { readSecretKey } from '../../../compose/publish/signature.ts';
import { readInventory } from '../../../compose/sbom/inventory.ts';
import { provenanceStatement, signedEnvelope } from '../../../compose/sbom/provenance.ts';
import { defineCommand } from '../../command.ts';
import { signingKeyOption } from '../../signing-options.ts';

export const command = defineCommand({
  positionals: { commit: { type: 'string', demandOption: true, describe: 'Ref, checksum, version or REF^' } },
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository' },
    'sign-ed25519-key': signingKeyOption,
  } as const,
  examples: [
    ['compose provenance os/host --repo repo', 'An in-toto statement about the commit'],
    ['compose provenance os/host --repo repo --sign-ed25519-key key.pem', 'The same in a signed DSSE envelope'],
  ],
  async run({ commit, repo, signEd25519Key }, tools) {
    const key = signEd25519Key === undefined ? null : await readSecretKey(signEd25519Key);
    const statement = provenanceStatement(await readInventory(repo, commit, engineContext(tools)));
    const document = key === null ? statement : signedEnvelope(statement, key);
    return { document, text: JSON.stringify(document, null, 2) };
  },
});
