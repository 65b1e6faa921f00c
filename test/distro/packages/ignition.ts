// What makes Debian's Ignition run on an OSTree host: the files of the folder beside this file. Debian packages Ignition's own units and leaves to the
// distribution what surrounds them: when a boot is the first one, where /var is, which units are enabled.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RpmFile, RpmSpec } from '../../../lib/rpm/spec.ts';

const folder = fileURLToPath(new URL('ignition', import.meta.url));
const completeUnit = 'slipway-ignition-complete.service';

export function ignitionPackage(): RpmSpec {
  return {
    name: 'slipway-sample-ignition',
    version: '1',
    release: '1',
    arch: 'noarch',
    license: 'Apache-2.0',
    vendor: 'Slipway',
    summary: 'Ignition on hosts of the sample distribution',
    requires: ['dracut', 'ignition', 'ostree-boot', 'passwd', 'systemd'].map((name) => ({ name })),
    files: [
      ...filesOfFolder(),
      {
        type: 'symlink',
        path: `/usr/lib/systemd/system/multi-user.target.wants/${completeUnit}`,
        target: `../${completeUnit}`,
      },
    ],
  };
}

function filesOfFolder(): RpmFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
    .map((name) => {
      const content = readFileSync(join(folder, name), 'utf8');
      const mode = content.startsWith('#!') ? 0o755 : 0o644;
      return {
        type: 'file',
        path: `/${name}`,
        content,
        mode,
        flags: name.startsWith('etc/') ? ['config', 'noreplace'] : [],
      };
    });
}
