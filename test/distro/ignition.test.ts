import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { run } from '../../lib/run.ts';
import { ignitionPackage } from './packages/ignition.ts';

const dracutModule = '/usr/lib/dracut/modules.d/35slipway-ignition';

test('ignitionPackage() holds the files of its folder: scripts as programs, configuration as such', (t) => {
  const files = ignitionPackage().files ?? [];
  const programs = files.filter((file) => file.type === 'file' && file.mode === 0o755).map(({ path }) => path);
  t.deepEqual(
    programs,
    ['first-boot', 'last-words', 'module-setup.sh', 'presets', 'setfiles', 'var'].map(
      (name) => `${dracutModule}/${name}`,
    ),
  );
  const configuration = files.filter(({ flags }) => flags?.includes('config')).map(({ path }) => path);
  t.deepEqual(configuration, ['/etc/selinux/config']);
});

test('ignitionPackage() holds every file that its dracut module puts into the initramfs', async (t) => {
  const folder = fileURLToPath(new URL(`packages/ignition${dracutModule}`, import.meta.url));
  await run(['bash', '-n', `${folder}/module-setup.sh`]);
  const script = await readFile(`${folder}/module-setup.sh`, 'utf8');
  const shipped = (ignitionPackage().files ?? []).map(({ path }) => path);
  const names = [...script.matchAll(/inst_s\w+ "\$moddir\/([\w.-]+)"/g)].map(([, name]) => name);
  t.deepEqual(names, ['setfiles', 'all-stages.conf', 'files-stage.conf']);
  for (const name of names) t.true(shipped.includes(`${dracutModule}/${name}`), name);
});
