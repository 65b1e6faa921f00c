// `slipway test new`: a first external test that runs as it is.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../lib/errors.ts';

/**
 * Writes an executable script and returns its path.
 * @param name with slashes for folders, e.g. `network/dns`
 * @throws UserError `test-name` or `test-exists`
 */
export async function writeSkeleton(folder: string, name: string): Promise<string> {
  if (!/^[\w][\w.-]*(\/[\w][\w.-]*)*$/.test(name)) {
    throw new UserError('test-name', `"${name}" cannot be the name of a test`, {
      hint: 'use letters, digits, "_", "-" and ".", with "/" between folders',
    });
  }
  const file = join(folder, name.endsWith('.sh') ? name : `${name}.sh`);
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, skeleton, { flag: 'wx', mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UserError('test-exists', `${file} exists already`, { hint: 'choose another name' });
  }
  return file;
}

const skeleton = `#!/bin/sh
## kola:
##   description: Say what this test proves
##   tags: mine
##   timeoutMin: 2
#
# Runs as root in a machine of its own. Exit status 0 passes, 77 skips, anything else fails.
# To reboot: /tmp/autopkgtest-reboot MARK; the script then starts again with AUTOPKGTEST_REBOOT_MARK=MARK.
set -eux

case "\${AUTOPKGTEST_REBOOT_MARK:-}" in
    '')
        systemctl is-system-running
        touch /var/lib/was-here
        /tmp/autopkgtest-reboot rebooted
        ;;
    rebooted)
        test -e /var/lib/was-here
        ;;
esac
`;
