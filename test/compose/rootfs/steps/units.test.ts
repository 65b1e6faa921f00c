import test from 'ava';
import { listing, type MiniPackage, miniDistribution } from '../../mini-distribution.ts';

/** A systemctl that does what `enable` of a unit with `WantedBy=multi-user.target` comes to, and knows no other unit. */
const systemctl: MiniPackage = {
  name: 'systemd',
  files: [
    {
      type: 'file',
      path: '/usr/bin/systemctl',
      mode: 0o755,
      content: `#!/bin/sh
test "$1 $2" = "enable --quiet" || exit 2
shift 2
wants=/etc/systemd/system/multi-user.target.wants
mkdir -p $wants
for unit; do
  test -e /usr/lib/systemd/system/$unit || { echo "Unit $unit could not be found." >&2; exit 1; }
  ln -s /usr/lib/systemd/system/$unit $wants/$unit
done
`,
    },
    { type: 'file', path: '/usr/lib/systemd/system/web.service', content: '[Install]\nWantedBy=multi-user.target\n' },
  ],
};

test("units are enabled by the tree's systemctl, which changes nothing else, and one that is not there is named", async (t) => {
  const mini = await miniDistribution(t, [systemctl]);
  const before = await listing(await mini.compose());
  await mini.treefile({ units: ['web.service'] });
  const after = await listing(await mini.compose());
  t.deepEqual(
    after.filter((line) => !before.includes(line)),
    [
      'd 00755 0 0 /usr/etc/systemd',
      'd 00755 0 0 /usr/etc/systemd/system',
      'd 00755 0 0 /usr/etc/systemd/system/multi-user.target.wants',
      'l 00777 0 0 /usr/etc/systemd/system/multi-user.target.wants/web.service -> /usr/lib/systemd/system/web.service',
    ],
  );
  t.deepEqual(
    before.filter((line) => !after.includes(line)),
    [],
  );
  await mini.treefile({ units: ['none.service'] });
  t.like(await t.throwsAsync(mini.compose()), {
    code: 'units-not-enabled',
    message: "the treefile's units cannot be enabled: Unit none.service could not be found.",
  });
});
