import test from 'ava';
import { imageConfig, imageIndex, imageManifest, imageName, type NamedLayer } from '../../../images/oci/documents.ts';

const commit = { ref: 'demo/host', checksum: 'c0ffee', version: '13.2', kernel: '6.12', command: null };
const layer: NamedLayer = { name: 'bash', components: ['bash'], diffId: 'sha256:d1', digest: 'sha256:a1', size: 10 };
const generated: NamedLayer = { ...layer, name: 'generated files', components: [], diffId: 'sha256:d2' };

test('imageConfig() describes the host that podman boots and bootc installs, and nothing but the commit decides it', (t) => {
  const text = imageConfig(commit, [layer, generated], 1_767_225_600);
  t.deepEqual(JSON.parse(text), {
    architecture: 'amd64',
    config: {
      Cmd: ['/sbin/init'],
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'],
      Labels: {
        'containers.bootc': '1',
        'org.opencontainers.image.created': '2026-01-01T00:00:00Z',
        'org.opencontainers.image.version': '13.2',
        'ostree.bootable': 'true',
        'ostree.linux': '6.12',
        'slipway.commit': 'c0ffee',
        'slipway.ref': 'demo/host',
      },
      StopSignal: 'SIGRTMIN+3',
    },
    created: '2026-01-01T00:00:00Z',
    history: [
      { comment: 'bash', created: '2026-01-01T00:00:00Z', created_by: 'slipway' },
      { comment: 'generated files', created: '2026-01-01T00:00:00Z', created_by: 'slipway' },
    ],
    os: 'linux',
    rootfs: { diff_ids: ['sha256:d1', 'sha256:d2'], type: 'layers' },
  });
});

test('imageConfig() starts what the commit says', (t) => {
  const { config } = JSON.parse(imageConfig({ ...commit, command: ['/usr/bin/bash', '-l'] }, [layer], 0));
  t.deepEqual(config.Cmd, ['/usr/bin/bash', '-l']);
});

test('imageConfig() calls a commit without kernel no bootable image, and starts a shell', (t) => {
  const { config } = JSON.parse(imageConfig({ ...commit, kernel: null }, [layer], 0));
  t.deepEqual(config.Cmd, ['/bin/sh']);
  t.false('StopSignal' in config);
  t.deepEqual(
    Object.keys(config.Labels).filter((name) => /bootc|ostree/.test(name)),
    [],
  );
});

test('imageConfig() leaves the version out when the commit has none', (t) => {
  t.false(imageConfig({ ...commit, version: null }, [layer], 0).includes('image.version'));
});

test('imageManifest() and imageIndex() hold descriptors alone', (t) => {
  t.is(
    imageManifest({ digest: 'sha256:c0', size: 5 }, [layer]),
    '{"config":{"digest":"sha256:c0","mediaType":"application/vnd.oci.image.config.v1+json","size":5},' +
      '"layers":[{"digest":"sha256:a1","mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":10}],' +
      '"mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2}',
  );
  const index = JSON.parse(imageIndex({ digest: 'sha256:m0', size: 7 }, 'localhost/demo:1'));
  t.deepEqual(index.manifests, [
    {
      annotations: { 'org.opencontainers.image.ref.name': 'localhost/demo:1' },
      digest: 'sha256:m0',
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      platform: { architecture: 'amd64', os: 'linux' },
      size: 7,
    },
  ]);
});

for (const [ref, version, name] of [
  ['debian/x86_64/host', '13.2', 'localhost/debian/x86_64/host:13.2'],
  ['debian/x86_64/host', null, 'localhost/debian/x86_64/host:latest'],
  ['Fleet/Stable+Edge', '1.0+git~5', 'localhost/fleet/stable-edge:1.0-git-5'],
  ['a/_b_/...', '.-1', 'localhost/a/b:1'],
  ['a__b/c..d', '', 'localhost/a__b/c-d:latest'],
] as const) {
  test(`imageName() makes ${name} of ${ref} ${version}`, (t) => {
    t.is(imageName({ ref, version }), name);
  });
}
