import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { defaultSettings, loadSettings } from '../../host-agent/config.ts';
import { distFolder } from '../../host-agent/package/agent-rpm.ts';
import { tree } from '../support/temporary.ts';

test('loadSettings() merges fragments by name, and /etc replaces /usr', async (t) => {
  const folder = await tree(t, {
    'usr/10-a.json': '{"idleExitSeconds": 1, "healthCheckTimeoutSeconds": 11}',
    'usr/20-b.json': '{"idleExitSeconds": 2}',
    'etc/20-b.json': '{"idleExitSeconds": 3}',
    'etc/30-c.txt': 'not read',
  });
  t.deepEqual(await loadSettings([join(folder, 'usr'), join(folder, 'etc'), join(folder, 'absent')]), {
    settings: { idleExitSeconds: 3, healthCheckTimeoutSeconds: 11 },
    warnings: [],
  });
});

test('loadSettings() only warns of mistakes, with file and key', async (t) => {
  const folder = await tree(t, {
    '10.json': '{"idelExitSeconds": 1, "idleExitSeconds": -1}',
    '20.json': '[]',
    '30.json': '{"healthCheckTimeoutSeconds": 7}',
  });
  t.deepEqual(await loadSettings([folder]), {
    settings: { ...defaultSettings, healthCheckTimeoutSeconds: 7 },
    warnings: [
      `${folder}/10.json: there is no setting "idelExitSeconds"`,
      `${folder}/10.json: "idleExitSeconds" must be a whole number of seconds above 0`,
      `${folder}/20.json: must hold one JSON object`,
    ],
  });
});

test('loadSettings() reads on behind a fragment that is not JSON', async (t) => {
  const folder = await tree(t, { '10.json': '{', '20.json': '{"idleExitSeconds": 9}' });
  const { settings, warnings } = await loadSettings([folder]);
  t.is(settings.idleExitSeconds, 9);
  t.is(warnings.length, 1);
  t.true(warnings[0]!.startsWith(`${folder}/10.json: `));
});

test('the installed default fragment holds exactly the defaults', async (t) => {
  const installed = await readFile(join(distFolder, 'usr/lib/slipway/host.d/50-default.json'), 'utf8');
  t.deepEqual(JSON.parse(installed), defaultSettings);
});
