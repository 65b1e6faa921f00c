// The sample host, theme time: the clock, who keeps it, and what happens at a time.

import { test } from '../support/sample-host.ts';

test('time: the clock is right and shows UTC', async (t) => {
  const { host } = t.context;
  const before = Date.now() / 1000;
  const seconds = Number((await host.run(['date', '+%s'])).stdout);
  t.true(seconds > before - 60 && seconds < Date.now() / 1000 + 60, `guest ${seconds}, host ${before}`);
  await host.expect(['date', '+%Z %z'], 'UTC +0000');
});

test('time: systemd-timesyncd keeps the clock', async (t) => {
  const { host } = t.context;
  await host.expect(['timedatectl', 'show', '--property=NTP', '--value'], 'yes');
  await host.expect(['systemctl', 'is-active', 'systemd-timesyncd.service'], 'active');
  await host.expect(['timedatectl', 'show-timesync', '--property=FallbackNTPServers'], /=\S+/);
  t.pass();
});

test('time: the zone can be changed, and stays in /etc', async (t) => {
  const { host } = t.context;
  await host.run(['timedatectl', 'set-timezone', 'Asia/Tokyo']);
  await host.expect(['date', '+%Z %z'], 'JST +0900');
  await host.expect(['readlink', '/etc/localtime'], /zoneinfo\/Asia\/Tokyo$/);
  t.pass();
});

test('time: a timer fires', async (t) => {
  const { host } = t.context;
  await host.run([
    'systemd-run',
    '--quiet',
    '--on-active=1',
    '--timer-property=AccuracySec=100ms',
    'touch',
    '/run/fired',
  ]);
  await host.run(['sh', '-c', 'until test -e /run/fired; do sleep 0.2; done']);
  t.pass();
});
