// The sample host, theme users: who may log in, who may become root, and that people can be added.

import { test } from '../support/sample-host.ts';

test('users: root alone has the id 0, and nobody has a password', async (t) => {
  const { host } = t.context;
  await host.expect(['awk', '-F:', '$3 == 0 { print $1 }', '/etc/passwd'], 'root');
  const { stdout } = await host.run(['awk', '-F:', '$2 !~ /^[!*]/ { print $1 }', '/etc/shadow']);
  t.is(stdout, '');
});

test('users: ids and names are given once, and every primary group exists', async (t) => {
  const { host } = t.context;
  for (const file of ['/etc/passwd', '/etc/group']) {
    const { stdout } = await host.run(['cut', '--delimiter=:', '--fields=1,3', file]);
    const pairs = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(':'));
    for (const part of [0, 1]) t.is(new Set(pairs.map((pair) => pair[part])).size, pairs.length, file);
  }
  const groups = new Set((await host.run(['cut', '--delimiter=:', '--fields=3', '/etc/group'])).stdout.split('\n'));
  const primary = (await host.run(['cut', '--delimiter=:', '--fields=4', '/etc/passwd'])).stdout.trim().split('\n');
  t.deepEqual(
    primary.filter((group) => !groups.has(group)),
    [],
  );
});

test('users: only root has a shell to log in with', async (t) => {
  await t.context.host.expect(['awk', '-F:', '$7 !~ /(nologin|false|sync)$/ { print $1 }', '/etc/passwd'], 'root');
  t.pass();
});

test('users: the rules of sudo are sound, and its group becomes root after a password', async (t) => {
  const { host } = t.context;
  await host.run(['visudo', '--check', '--quiet']); // owner and mode too, of a file that is not named
  await host.run(['useradd', '--create-home', '--groups', 'sudo', '--shell', '/bin/bash', 'admin']);
  await host.run(['chpasswd'], { input: 'admin:correct horse\n' });
  const sudo = (password: string): Promise<{ exitCode: number | null; stdout: string }> =>
    host.run(['runuser', '--user', 'admin', '--', 'sudo', '--stdin', '--reset-timestamp', 'id', '--user'], {
      input: `${password}\n`,
      okExitCodes: [0, 1],
    });
  t.is((await sudo('correct horse')).stdout.trim(), '0');
  t.is((await sudo('wrong')).exitCode, 1);
});

test('users: a person can be added, works in a home below /var, and can be removed', async (t) => {
  const { host } = t.context;
  await host.run(['useradd', '--create-home', '--shell', '/bin/bash', 'worker']);
  const asWorker = ['runuser', '--login', 'worker', '--command'];
  await host.expect(
    [...asWorker, 'touch mine && stat --format=%U mine && readlink --canonicalize .'],
    'worker\n/var/home/worker',
  );
  const denied = await host.run([...asWorker, 'cat /etc/shadow'], { okExitCodes: [0, 1] });
  t.is(denied.exitCode, 1);
  // The service manager of the user stays for a while after the last session.
  await host.run(['systemctl', 'stop', `user-${(await host.run(['id', '--user', 'worker'])).stdout.trim()}.slice`]);
  await host.run(['userdel', '--remove', 'worker']);
  t.is((await host.run(['getent', 'passwd', 'worker'], { okExitCodes: [0, 2] })).exitCode, 2);
});

test('users: sshd lets in by key and not by password', async (t) => {
  const { host } = t.context;
  const settings = (await host.run(['sshd', '-T'])).stdout;
  t.regex(settings, /^passwordauthentication no$/m);
  t.regex(settings, /^permitrootlogin (without-password|prohibit-password)$/m);
  t.is((await (await host.ssh()).run(['id', '--user'])).stdout.trim(), '0');
});
