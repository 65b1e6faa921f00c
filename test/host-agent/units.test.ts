import { readdir, readFile } from 'node:fs/promises';

import { join, posix } from 'node:path';
import test from 'ava';
import { parseHostArguments } from '../../host-agent/cli/arguments.ts';
import { agentRpmSpec, distFolder } from '../../host-agent/package/agent-rpm.ts';
import { hostPaths } from '../../host-agent/paths.ts';

const unitFolder = join(distFolder, 'usr/lib/systemd/system');
const units = await readdir(unitFolder);
const textOf = (unit: string): Promise<string> => readFile(join(unitFolder, unit), 'utf8');

test('every command that a unit starts is one of the agent', async (t) => {
  const commands: string[] = [];
  for (const unit of units.filter((name) => name.endsWith('.service'))) {
    const line = /^ExecStart=\/usr\/bin\/slipway (.*)$/m.exec(await textOf(unit));
    commands.push(parseHostArguments(line![1]!.split(' ')).name);
  }
  t.deepEqual(commands.sort(), ['boot-arm', 'boot-success', 'daemon', 'health']);
});

test('the units name the places that the agent uses', async (t) => {
  const paths = hostPaths();
  t.true((await textOf('slipway-hostd.socket')).includes(`ListenStream=${paths.socket}\n`));
  t.true((await textOf('slipway-hostd.service')).includes(`DeviceAllow=${paths.bootEnvironment} rw\n`));
  t.true((await textOf('slipway-boot-arm.path')).includes(`PathExists=${paths.stagedDeployment}\n`));
  const health = await textOf('slipway-health.service');
  for (const folder of paths.healthFolders) t.true(health.includes(`ConditionDirectoryNotEmpty=|${folder}\n`));
});

test('every link of the package leads to a file of the package', async (t) => {
  const { files = [] } = await agentRpmSpec({ version: '1', bundle: '', sourceDateEpoch: 0 });
  const paths = files.map((file) => file.path);
  const targets = files.flatMap((file) =>
    file.type === 'symlink' ? [posix.join(posix.dirname(file.path), file.target)] : [],
  );
  t.is(targets.length, 5);
  t.deepEqual(
    targets.filter((target) => !paths.includes(target)),
    [],
  );
});

test('nothing waits for the unit that ends the trial, and it waits for the whole boot', async (t) => {
  const text = await textOf('slipway-boot-success.service');
  t.regex(text, /^DefaultDependencies=no$/m);
  t.regex(text, /^After=.*boot-complete\.target.* multi-user\.target$/m);
});
