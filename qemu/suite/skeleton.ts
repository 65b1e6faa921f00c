// `slipway test new`: a first test that runs as it is, as a shell script or in TypeScript.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { testFileEnding } from './external/discover.ts';

export type SkeletonLanguage = 'shell' | 'typescript';

/**
 * Writes a test and returns its path: `.sh`, executable, or `.boot.ts`.
 * @param name with slashes for folders, e.g. `network/dns`
 * @throws UserError `test-name` or `test-exists`
 */
export async function writeSkeleton(folder: string, name: string, language: SkeletonLanguage): Promise<string> {
  if (!/^[\w][\w.-]*(\/[\w][\w.-]*)*$/.test(name)) {
    throw new UserError('test-name', `"${name}" cannot be the name of a test`, {
      hint: 'use letters, digits, "_", "-" and ".", with "/" between folders',
    });
  }
  const { ending, text, mode } = skeletons[language];
  const file = join(folder, name.endsWith(ending) ? name : `${name}${ending}`);
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx', mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UserError('test-exists', `${file} exists already`, { hint: 'choose another name' });
  }
  return file;
}

const shellSkeleton = `#!/bin/sh
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

const typescriptSkeleton = `// Each test has a host of its own, as it was when its boot had settled. Run it by \`slipway test run IMAGE\`.

import { bootTest } from 'slipway/testing';

const test = bootTest();

test('the host is running, and still after a reboot', async (t) => {
  const { host } = t.context;
  await host.expect(['systemctl', 'is-system-running'], 'running');
  await host.run(['touch', '/var/lib/was-here']);
  await host.reboot();
  await host.run(['test', '-e', '/var/lib/was-here']);
  t.deepEqual(await host.journal({ priority: 'crit' }), []);
});
`;

const skeletons: Readonly<Record<SkeletonLanguage, { ending: string; text: string; mode: number }>> = {
  shell: { ending: '.sh', text: shellSkeleton, mode: 0o755 },
  typescript: { ending: testFileEnding, text: typescriptSkeleton, mode: 0o644 },
};
