import { join } from 'node:path';
import test from 'ava';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { miniDistribution } from '../mini-distribution.ts';

// SQLite needs a temporary file to tidy up a database that does not fit into its memory, and the engine may write nowhere but in its folders.
test('a package database of many megabytes is written and can be read', async (t) => {
  const lines = Array.from({ length: 200_000 }, (_, number) => `line ${number} ${(number * 7919) % 1_000_003}`);
  const mini = await miniDistribution(t, [{ name: 'talkative', description: lines.join('\n') }]);
  const { repo, checksum } = await mini.compose();
  const folder = join(await temporaryFolder(t), 'tree');
  const subpath = '--subpath=/usr/share/rpm';
  await run(['ostree', 'checkout', `--repo=${repo}`, '--user-mode', subpath, checksum, folder]);
  const { stdout } = await run(['rpm', '--dbpath', folder, '--query', '--qf', '%{DESCRIPTION}', 'talkative']);
  t.is(stdout.trim(), lines.join('\n'));
});
