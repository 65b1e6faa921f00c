import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { checkDestination, pushArgv, pushImage } from '../../../images/oci/push.ts';
import { ToolError, UserError } from '../../../lib/errors.ts';
import { Events } from '../../../lib/events.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { buildContainer, kernelPackage, largePackage, miniHost, smallPackage, specialPackage } from './mini-host.ts';
import { startRegistry } from './registry.ts';

const tools = () => ({ events: new Events(), signal: new AbortController().signal });

for (const [destination, options, words] of [
  ['docker://example.com/host:1', {}, ['--preserve-digests']],
  ['containers-storage:localhost/host:1', {}, []],
  ['oci:/out:1', { authFile: '/auth.json' }, ['--preserve-digests', '--dest-authfile', '/auth.json']],
  ['docker://example.com/host:1', { insecure: true }, ['--preserve-digests', '--dest-tls-verify=false']],
] as const) {
  test(`pushArgv() calls skopeo for ${destination} ${JSON.stringify(options)}`, (t) => {
    const argv = pushArgv('oci:/image.oci', { destination, ...options }, '/digest');
    const common = ['skopeo', 'copy', '--quiet', '--digestfile', '/digest'];
    t.deepEqual(argv, [...common, ...words, 'oci:/image.oci', destination]);
  });
}

for (const destination of ['example.com/host', 'docker://', 'dir:/x', '']) {
  test(`checkDestination() refuses "${destination}"`, (t) => {
    const error = t.throws(() => checkDestination(destination), { instanceOf: UserError });
    t.is(error.message, `"${destination}" does not say where the image goes to`);
    t.regex(error.hint, /^begin with one of docker:\/\/, oci:, oci-archive:, containers-storage:, e\.g\. /);
  });
}

test('checkDestination() refuses credentials, without repeating them', (t) => {
  const error = t.throws(() => checkDestination('docker://user:secret@example.com/host'), { instanceOf: UserError });
  t.is(error.message, 'the destination holds a user name, which others could read');
  t.false(`${error.message} ${error.hint}`.includes('secret'));
});

test('pushImage() says what to do when there is no image', async (t) => {
  const image = await temporaryFolder(t);
  const error = await t.throwsAsync(pushImage({ image, destination: 'oci:/nowhere' }, tools()), {
    instanceOf: UserError,
  });
  t.is(error.code, 'container-image-missing');
  t.is(error.message, `${image} is not a container image and holds none`);
});

test.serial('pushImage() sends only the layers that an update changed to a registry', async (t) => {
  const registry = await startRegistry(t);
  const mini = await miniHost(t);
  const destination = `docker://${registry.host}/fleet/host:stable`;
  const first = await buildContainer(mini);
  const pushed = await pushImage({ image: first.outputDir, destination, insecure: true }, tools());
  t.is(pushed.digest, first.container.manifest.digest);
  t.is(registry.tags.get('stable'), first.container.manifest.digest);
  t.is(registry.uploads.length, first.container.layers.length + 1);

  await mini.publish([
    kernelPackage,
    largePackage,
    specialPackage,
    smallPackage('alpha', '2'),
    smallPackage('beta', '1'),
  ]);
  await mini.compose();
  const second = await buildContainer(mini);
  registry.uploads.length = 0;
  const archive = join(second.outputDir, 'image.oci.tar');
  await pushImage({ image: archive, destination, insecure: true }, tools());
  t.is(registry.tags.get('stable'), second.container.manifest.digest);
  const old = new Set(first.container.layers.map((layer) => layer.digest));
  const changed = second.container.layers.map((layer) => layer.digest).filter((digest) => !old.has(digest));
  t.true(changed.length <= 3);
  t.deepEqual(registry.uploads.sort(), [...changed, second.container.config.digest].sort());
});

test.serial(
  'pushImage() takes credentials from the file of skopeo login, and fails with the command without',
  async (t) => {
    const registry = await startRegistry(t, 'user:secret');
    const mini = await miniHost(t);
    const { outputDir, container } = await buildContainer(mini, { formats: ['oci'] });
    const options = { image: outputDir, destination: `docker://${registry.host}/host:1`, insecure: true };
    const authFile = join(mini.folder, 'auth.json');
    await writeFile(authFile, JSON.stringify({ auths: {} }));
    const error = await t.throwsAsync(pushImage({ ...options, authFile }, tools()), { instanceOf: ToolError });
    t.regex(error.command, /^skopeo copy .*--dest-authfile/);

    const auth = Buffer.from('user:secret').toString('base64');
    await writeFile(authFile, JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const { digest } = await pushImage({ ...options, authFile }, tools());
    t.is(digest, container.manifest.digest);
    t.true(registry.credentials.has(`Basic ${auth}`));
  },
);

test.serial('pushImage() copies into another layout under a tag', async (t) => {
  const mini = await miniHost(t);
  const { outputDir, container } = await buildContainer(mini, { formats: ['oci-archive'] });
  const folder = join(mini.folder, 'other');
  await mkdir(folder);
  await pushImage({ image: outputDir, destination: `oci:${folder}:edge` }, tools());
  const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8'));
  t.is(index.manifests[0].digest, container.manifest.digest);
  t.is(index.manifests[0].annotations['org.opencontainers.image.ref.name'], 'edge');
});
