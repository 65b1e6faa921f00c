import { readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { buildImages } from '../../../images/build.ts';
import { blobPath } from '../../../images/oci/blobs.ts';
import type { NamedLayer } from '../../../images/oci/documents.ts';
import { Cancelled } from '../../../lib/errors.ts';
import { Events } from '../../../lib/events.ts';
import { run } from '../../../lib/run.ts';
import { miniDistribution } from '../../compose/mini-distribution.ts';
import {
  type Built,
  buildContainer,
  kernelPackage,
  largePackage,
  miniHost,
  smallPackage,
  specialPackage,
} from './mini-host.ts';

async function inspect(image: string): Promise<{ Digest: string; Labels: Record<string, string>; Layers: string[] }> {
  return JSON.parse((await run(['skopeo', 'inspect', image])).stdout) as Awaited<ReturnType<typeof inspect>>;
}

/** What tar lists of a layer, without sizes and times. */
async function listLayer(built: Built, layer: NamedLayer, ...options: string[]): Promise<string[]> {
  const blob = blobPath(join(built.outputDir, 'image.oci'), layer.digest);
  const { stdout } = await run(['tar', '--numeric-owner', ...options, '-tvzf', blob]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +\d+ 1970-01-01 00:00 /, ' ').replace(/^(\S{10})[ *]+/, '$1 '));
}

function layerOf(built: Built, component: string): NamedLayer {
  const found = built.container.layers.find(
    (layer) => layer.components.includes(component) || layer.name === component,
  );
  if (found === undefined) throw new Error(`no layer holds ${component}`);
  return found;
}

function outcome({ events }: Built, title: string): string | undefined {
  const ended = events.find((event) => event.type === 'step-end' && event.title === title);
  return ended?.type === 'step-end' ? ended.outcome : undefined;
}

test.serial('a tree that never boots becomes a container image too, but no disk image', async (t) => {
  const mini = await miniDistribution(t, [smallPackage('alpha', '1')]);
  await mini.compose();
  const built = await buildContainer(mini);
  t.is(built.document.commit.kernel, null);
  t.deepEqual(
    built.events.filter((event) => event.type === 'warning'),
    [],
  );
  const { Labels } = await inspect(`oci-archive:${built.outputDir}/image.oci.tar`);
  t.false('containers.bootc' in Labels);
  t.true((await listLayer(built, layerOf(built, 'alpha'))).some((line) => line.endsWith('usr/share/alpha')));
  await t.throwsAsync(buildContainer(mini, { formats: ['oci', 'raw'] }), { message: /cannot boot: it has no kernel/ });
  await t.throwsAsync(buildContainer(mini, { formats: ['isso'] }), { message: 'there is no image format "isso"' });
});

test.serial('a file that containers would take for a removed one is refused', async (t) => {
  const whiteout = { type: 'file', path: '/usr/share/.wh.alpha', content: '' } as const;
  const mini = await miniDistribution(t, [smallPackage('alpha', '1'), { name: 'odd', files: [whiteout] }]);
  await mini.compose();
  await t.throwsAsync(buildContainer(mini), { message: 'no container image can hold /usr/share/.wh.alpha' });
  t.deepEqual(await readdir(join(mini.folder, 'images')), []);
});

test.serial('a container image is what skopeo reads, as a folder and as an archive, under one digest', async (t) => {
  const mini = await miniHost(t);
  const built = await buildContainer(mini);
  const { container, document, outputDir } = built;
  t.deepEqual((await readdir(outputDir)).sort(), ['image.oci', 'image.oci.tar', 'images.json']);
  t.deepEqual([document.disk, document.images], [null, []]);

  const folder = await inspect(`oci:${outputDir}/image.oci`);
  const archive = await inspect(`oci-archive:${outputDir}/image.oci.tar`);
  t.deepEqual(archive, folder);
  t.is(folder.Digest, container.manifest.digest);
  t.deepEqual(
    folder.Layers,
    container.layers.map((layer) => layer.digest),
  );
  t.like(folder.Labels, {
    'containers.bootc': '1',
    'ostree.bootable': 'true',
    'ostree.linux': '6.1-mini',
    'slipway.commit': document.commit.checksum,
  });

  const { stdout: config } = await run(['skopeo', 'inspect', '--config', `oci:${outputDir}/image.oci`]);
  t.deepEqual(JSON.parse(config).config.Cmd, ['/usr/bin/sh', '-l'], 'container-cmd of the treefile');

  const copy = join(mini.folder, 'copy.tar');
  await run(['skopeo', 'copy', '--preserve-digests', `oci:${outputDir}/image.oci`, `oci-archive:${copy}`]);
  t.is((await inspect(`oci-archive:${copy}`)).Digest, container.manifest.digest);
  t.true(
    (await run(['sha256sum', join(outputDir, 'image.oci.tar')])).stdout.startsWith(container.files[1]!.sha256),
    'images.json has the digest of the archive',
  );
});

test.serial('the layers hold what the packages say: owners, modes, capabilities, hard links', async (t) => {
  const built = await buildContainer(await miniHost(t));
  const lines = await listLayer(built, layerOf(built, 'special'));
  const files = lines.filter((line) => line.startsWith('-') || line.startsWith('h'));
  t.deepEqual(files, [
    '-rw-r----- 0/42 etc/special.conf',
    '-rwsr-xr-x 0/0 usr/bin/become',
    '-rwxr-xr-x 0/0 usr/bin/ping',
    '-rw-r--r-- 0/0 usr/share/copy',
    '-rw-r--r-- 0/0 usr/share/one',
    'hrw-r--r-- 0/0 usr/share/two link to usr/share/one',
  ]);
  const attributes = await listLayer(built, layerOf(built, 'special'), '--xattrs', '--xattrs-include=*', '-v');
  t.is(attributes[attributes.indexOf('-rwxr-xr-x 0/0 usr/bin/ping') + 1], '  x: 20 security.capability');
  const folders = lines.filter((line) => line.startsWith('d'));
  t.deepEqual(
    folders,
    ['drwxr-xr-x 0/0 etc/', 'drwxr-xr-x 0/0 usr/', 'drwxr-xr-x 0/0 usr/bin/', 'drwxr-xr-x 0/0 usr/share/'],
    'the folders on the way come with their own owners and modes',
  );
});

test.serial('the root file system is laid out as bootc wants it', async (t) => {
  const built = await buildContainer(await miniHost(t));
  const lists = await Promise.all(built.container.layers.map((layer) => listLayer(built, layer)));
  const paths = new Set(lists.flat().map((line) => line.replace(/^\S+ \S+ /, '').replace(/ -> .*/, '')));
  t.true(paths.has('etc/passwd'));
  t.false([...paths].some((path) => path.startsWith('usr/etc')));
  t.true(paths.has('usr/lib/modules/6.1-mini/vmlinuz'));
  for (const folder of ['boot/', 'var/', 'sysroot/']) {
    t.deepEqual(
      [...paths].filter((path) => path.startsWith(folder)),
      [folder],
    );
  }
  t.true(lists.flat().includes('lrwxrwxrwx 0/0 ostree -> sysroot/ostree'));
  t.deepEqual(
    built.events.filter((event) => event.type === 'warning'),
    [],
  );
});

test.serial('the same commit gives the same bytes in another folder, and is found finished in the same', async (t) => {
  const mini = await miniHost(t);
  const first = await buildContainer(mini);
  const second = await buildContainer(mini, { outputDir: join(mini.folder, 'a/b'), workDir: mini.folder });
  t.deepEqual(second.container, first.container);
  t.is(outcome(await buildContainer(mini), 'Build images'), 'reused');
  const now = new Date();
  await utimes(join(first.outputDir, 'image.oci.tar'), now, now);
  const third = await buildContainer(mini);
  t.is(outcome(third, 'Build images'), 'done');
  t.is(outcome(third, 'Write the container layers'), 'reused', 'the layers were there still');
  await rm(blobPath(join(first.outputDir, 'image.oci'), layerOf(first, 'special').digest));
  const fourth = await buildContainer(mini);
  t.is(outcome(fourth, 'Write the container layers'), 'done');
  t.deepEqual(fourth.container, first.container);
});

test.serial(
  'an update of one package makes one layer new besides those of the database and of generated files',
  async (t) => {
    const mini = await miniHost(t);
    const before = await buildContainer(mini);
    await mini.publish([
      kernelPackage,
      largePackage,
      specialPackage,
      smallPackage('alpha', '2'),
      smallPackage('beta', '1'),
    ]);
    await mini.compose();
    const after = await buildContainer(mini);
    const old = new Set(before.container.layers.map((layer) => layer.digest));
    const changed = after.container.layers.filter((layer) => !old.has(layer.digest));
    const own = layerOf(after, 'alpha').name;
    t.true(changed.some((layer) => layer.name === own));
    t.deepEqual(
      changed.map((layer) => layer.name).filter((name) => !['generated files', 'package database'].includes(name)),
      [own],
    );
    t.not(after.container.manifest.digest, before.container.manifest.digest);

    const blobs = await readdir(join(after.outputDir, 'image.oci/blobs/sha256'));
    const { manifest, config, layers } = after.container;
    const named = [manifest, config, ...layers].map(({ digest }) => digest.slice('sha256:'.length));
    t.deepEqual(blobs.sort(), named.sort(), 'blobs of the old image are gone');
  },
);

test.serial('a container build that is stopped between its layers leaves nothing', async (t) => {
  const mini = await miniHost(t);
  const outputDir = join(mini.folder, 'images');
  const [events, stop] = [new Events(), new AbortController()];
  events.listen((event) => {
    if (event.type === 'step-start' && event.title === 'Write the container layers') stop.abort();
  });
  const options = { repo: join(mini.folder, 'repo'), ref: 'mini/host', formats: ['oci,oci-archive'], outputDir };
  await t.throwsAsync(buildImages(options, { events, signal: stop.signal }), { instanceOf: Cancelled });
  t.deepEqual(await readdir(outputDir), []);
});

test.serial('images of a disk and of a container come out of one build', async (t) => {
  const mini = await miniHost(t);
  const built = await buildContainer(mini, { formats: ['raw', 'oci'], size: 192 * 1024 * 1024 });
  t.deepEqual((await readdir(built.outputDir)).sort(), ['image.oci', 'image.raw', 'images.json']);
  t.truthy(built.document.disk);
  t.deepEqual(
    built.container.files.map((file) => file.file),
    ['image.oci'],
  );
});
