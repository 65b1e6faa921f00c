import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { engineContext } from '../../compose/context.ts';
import { readToolVersions } from '../../compose/inputs.ts';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { fileIn, miniDistribution } from './mini-distribution.ts';
import { tinyRepo } from './tiny-repo.ts';

test('a compose is not repeated for keys that only others read, nor for another name of the same layer', async (t) => {
  const mini = await miniDistribution(t, [], { 'ostree-layers': ['layer'], metadata: { product: 'a' } });
  const layers = await tinyRepo(t);
  await layers.commit({ ref: 'layer', files: { 'usr/share/layered': 'layer' } });
  await run(['ostree', `--repo=${layers.repo}`, 'refs', '--create=other', 'layer']);
  await rename(layers.repo, join(mini.folder, 'repo'));
  const first = await mini.compose();
  const keys = {
    metadata: { product: 'b' },
    'gpg-key': 'nobody@example.org',
    rojig: { name: 'x', summary: 'y', license: 'MIT' },
    'ostree-layers': ['other'],
  };
  await mini.treefile(keys);
  t.like(await mini.compose(), { changed: false, checksum: first.checksum, inputId: first.inputId });
  const shipped = JSON.parse(await fileIn(first, '/usr/share/slipway/treefile.json')) as Record<string, unknown>;
  t.deepEqual(
    ['metadata', 'gpgKey', 'rojig', 'ostreeLayers', 'ostreeOverrideLayers'].filter((key) => key in shipped),
    [],
  );
  await mini.treefile({ ...keys, 'ostree-layers': [], 'ostree-override-layers': ['other'], 'gpg-key': undefined });
  t.true((await mini.compose()).changed, 'a layer that may replace files');
});

test('readToolVersions() knows every program and library whose work shows in a commit', async (t) => {
  const versions = await readToolVersions(
    engineContext({ events: new Events(), signal: new AbortController().signal }),
  );
  t.deepEqual(Object.keys(versions), ['ostree', 'rpm', 'sqlite']);
  t.is(versions.sqlite, process.versions.sqlite);
});
