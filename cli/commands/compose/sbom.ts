// `slipway compose sbom`: the bill of materials of a commit.

import { engineContext } from '../../../compose/context.ts';
import { cycloneDxDocument } from '../../../compose/sbom/cyclonedx.ts';
import { readInventory } from '../../../compose/sbom/inventory.ts';
import { spdxDocument } from '../../../compose/sbom/spdx.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  positionals: { commit: { type: 'string', demandOption: true, describe: 'Ref, checksum, version or REF^' } },
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository' },
    format: { choices: ['spdx', 'cyclonedx'], default: 'spdx', describe: 'SPDX 2.3 or CycloneDX 1.6, both as JSON' },
  } as const,
  examples: [
    ['compose sbom os/host --repo repo > host.spdx.json', 'Which packages, licences and digests are in it?'],
    ['compose sbom os/host --repo repo --format cyclonedx > host.cdx.json', 'The same for CycloneDX tools'],
  ],
  async run({ commit, repo, format }, tools) {
    const inventory = await readInventory(repo, commit, engineContext(tools));
    const document = { spdx: spdxDocument, cyclonedx: cycloneDxDocument }[format](inventory);
    return { document, text: JSON.stringify(document, null, 2) };
  },
});
