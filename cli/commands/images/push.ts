// `slipway images push`: container image -> registry, container storage or another layout.

import { pushImage } from '../../../images/oci/push.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  positionals: {
    image: { type: 'string', demandOption: true, describe: 'image.oci, image.oci.tar, or the folder that holds one' },
    destination: {
      type: 'string',
      demandOption: true,
      describe: 'docker://…, oci:…, oci-archive:… or containers-storage:…',
    },
  },
  options: {
    authfile: { type: 'string', describe: 'File with credentials (default: what skopeo login wrote)' },
    insecure: {
      type: 'boolean',
      default: false,
      describe: 'Push without encryption, or to a server with an unknown certificate',
    },
  },
  examples: [
    ['images push images docker://registry.example.com/fleet/host:13.2', 'Send it to a registry'],
    ['images push images containers-storage:localhost/host:13.2', 'Load it, so that podman run finds it'],
  ],
  async run({ image, destination, authfile, insecure }, { events, signal }) {
    const options = { image, destination, insecure, ...(authfile === undefined ? {} : { authFile: authfile }) };
    const result = await pushImage(options, { events, signal });
    return { document: result, text: `${result.destination} ${result.digest}` };
  },
});
