import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ToolError } from '../../../lib/errors.ts';
import { run } from '../../../lib/run.ts';
import { discoverTests } from '../../../qemu/suite/external/discover.ts';
import { testArchive } from '../../../qemu/suite/guest-files.ts';
import { writeSkeleton } from '../../../qemu/suite/skeleton.ts';
import { unitArgv } from '../../../qemu/suite/test-unit.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { externalTest } from './support/external-test.ts';

test('testArchive() brings the program, its data with links and modes, and the commands for reboots', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'mine/data/deep'), { recursive: true });
  await writeFile(join(folder, 'mine/test.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(folder, 'mine/data/deep/tool'), 'tool', { mode: 0o755 });
  await symlink('deep/tool', join(folder, 'mine/data/link'));
  const [found] = await discoverTests(folder);
  const root = join(folder, 'root');
  await mkdir(join(root, 'tmp'), { recursive: true });
  await run(['tar', '--extract', `--directory=${root}`], { input: await testArchive(found!) });
  t.is(await readFile(join(root, 'usr/local/bin/kola-runext-test.sh'), 'utf8'), '#!/bin/sh\n');
  t.is(await readFile(join(root, 'var/opt/kola/extdata/link'), 'utf8'), 'tool');
  t.is((await stat(join(root, 'var/opt/kola/extdata/deep/tool'))).mode & 0o777, 0o755);
  for (const kind of ['reboot', 'soft-reboot']) {
    for (const command of [`tmp/autopkgtest-${kind}`, `tmp/autopkgtest-${kind}-prepare`]) {
      t.is((await stat(join(root, command))).mode & 0o777, 0o755);
      const failure = await t.throwsAsync(run(['sh', join(root, command)]));
      t.regex((failure as ToolError).output, /usage: .* MARK/);
    }
  }
});

test('unitArgv() runs the test as kola-runext with its environment and a limit', (t) => {
  t.deepEqual(unitArgv({ ...externalTest('ext.p.t'), executable: '/t/net/dns.sh' }, 'two', 90), [
    ...['systemd-run', '--quiet', '--wait', '--pipe', '--collect', '--unit=kola-runext.service'],
    '--property=RuntimeMaxSec=90',
    '--setenv=KOLA_UNIT=kola-runext.service',
    '--setenv=KOLA_TEST=ext.p.t',
    '--setenv=KOLA_TEST_EXE=dns.sh',
    '--setenv=KOLA_EXT_DATA=/var/opt/kola/extdata',
    '--setenv=AUTOPKGTEST_REBOOT_MARK=two',
    '/usr/local/bin/kola-runext-dns.sh',
  ]);
});

test('writeSkeleton() writes a test that is found, and never over one', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await writeSkeleton(join(folder, 'kola'), 'net/dns', 'shell');
  t.is(file, join(folder, 'kola/net/dns.sh'));
  await chmod(file, 0o755);
  await run(['sh', '-n', file]);
  const [found] = await discoverTests(join(folder, 'kola'));
  t.is(found!.declaration.description, 'Say what this test proves');
  await t.throwsAsync(writeSkeleton(join(folder, 'kola'), 'net/dns', 'shell'), { message: `${file} exists already` });
  await t.throwsAsync(writeSkeleton(folder, '../up', 'shell'), { message: '"../up" cannot be the name of a test' });
});
