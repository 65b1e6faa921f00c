import test from 'ava';
import { fileIn, listing, type MiniPackage, miniDistribution } from '../../mini-distribution.ts';

const app: MiniPackage = {
  name: 'megacorp',
  files: [
    { type: 'directory', path: '/opt/mega', mode: 0o750, group: 'daemon' },
    { type: 'file', path: '/opt/mega/bin/app', mode: 0o755, content: 'x' },
    { type: 'file', path: '/usr/local/bin/tool', mode: 0o755, content: 'y' },
  ],
  scriptlets: { post: { script: 'echo made > /opt/mega/made' } },
};
const overlayUnit: MiniPackage = {
  name: 'ostree',
  files: [{ type: 'file', path: '/usr/lib/systemd/system/ostree-state-overlay@.service', content: '[Unit]\n' }],
};

const places = / \/(opt|usr\/local|usr\/lib\/opt|usr\/lib\/systemd\/system\/local-fs)(\/|\.|$| )/;
const moved = [
  'd 00755 0 0 /usr/lib/opt',
  'd 00750 0 2 /usr/lib/opt/mega',
  'd 00755 0 0 /usr/lib/opt/mega/bin',
  '- 00755 0 0 /usr/lib/opt/mega/bin/app',
  '- 00644 0 0 /usr/lib/opt/mega/made',
];

test('with opt-usrlocal: var what packages bring below /opt moves to /usr/lib/opt and is linked at boot', async (t) => {
  const mini = await miniDistribution(t, [app]);
  const composed = await mini.compose();
  const lines = (await listing(composed)).filter((line) => places.test(line));
  t.deepEqual(
    lines.sort(),
    [...moved, 'l 00777 0 0 /opt -> var/opt', 'l 00777 0 0 /usr/local -> ../var/usrlocal'].sort(),
  );
  const fragment = await fileIn(composed, '/usr/lib/tmpfiles.d/slipway-var.conf');
  t.true(fragment.includes('\nL /var/opt/mega - - - - ../../usr/lib/opt/mega\n'), fragment);
});

test('with opt-usrlocal: state-overlay both are folders of the tree under overlays, which the tree must know', async (t) => {
  const keys = { 'opt-usrlocal': 'state-overlay' };
  const mini = await miniDistribution(t, [app], keys);
  t.like(await t.throwsAsync(mini.compose()), {
    code: 'no-state-overlay',
    message: 'opt-usrlocal is state-overlay, but no package brings ostree-state-overlay@.service',
  });
  await mini.publish([app, overlayUnit]);
  await mini.treefile(keys);
  const requires = '/usr/lib/systemd/system/local-fs.target.requires';
  const lines = (await listing(await mini.compose())).filter((line) => places.test(line));
  t.deepEqual(
    lines.sort(),
    [
      ...moved,
      'l 00777 0 0 /opt -> usr/lib/opt',
      'd 00755 0 0 /usr/local',
      'd 00755 0 0 /usr/local/bin',
      '- 00755 0 0 /usr/local/bin/tool',
      `d 00755 0 0 ${requires}`,
      `l 00777 0 0 ${requires}/ostree-state-overlay@usr-lib-opt.service -> ../ostree-state-overlay@.service`,
      `l 00777 0 0 ${requires}/ostree-state-overlay@usr-local.service -> ../ostree-state-overlay@.service`,
    ].sort(),
  );
});

test('with opt-usrlocal: root both stay where packages put them', async (t) => {
  const mini = await miniDistribution(t, [app], { 'opt-usrlocal': 'root' });
  const lines = await listing(await mini.compose());
  for (const line of ['- 00755 0 0 /opt/mega/bin/app', '- 00755 0 0 /usr/local/bin/tool']) {
    t.true(lines.includes(line), line);
  }
});
