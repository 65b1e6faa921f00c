// The sample host, theme soft reboot: userspace starts again over the kernel that runs, and finds the mounts that only the initramfs makes.

import type { Host } from '../../../qemu/host/testing.ts';
import { bootTimeoutMs } from '../support/machine.ts';
import { test } from '../support/sample-host.ts';

/** The verdict of the new boot is the proof; QEMU notices nothing. */
async function softReboot(host: Host): Promise<string> {
  const { machine } = host;
  const knownVerdicts = machine.verdicts.verdicts.length;
  await host.run(['systemctl', '--no-block', 'soft-reboot']);
  const { type } = await machine.watchBoot({ timeoutMs: bootTimeoutMs, tolerate: false, knownVerdicts });
  machine.forgetConnection();
  return type;
}

test('soft reboot: /var, /boot and /sysroot are there again, and the next upgrade can be made', async (t) => {
  const { host } = t.context;
  const seen = async (): Promise<string[]> => {
    const options = ['--noheadings', '--raw', '--output=TARGET,FSROOT,VFS-OPTIONS'];
    const mounts = (await host.run(['findmnt', ...options])).stdout.split('\n');
    return mounts.filter((line) => /^\/(var|boot|sysroot|usr|etc) /.test(line)).sort();
  };
  const before = await seen();
  t.is(before.length, 5);
  await host.run(['touch', '/var/lib/of-this-host']);
  t.is(await softReboot(host), 'verdict');
  await host.expect(['systemctl', 'is-system-running'], 'running');
  await host.expect(['systemctl', 'show', '--property=SoftRebootsCount', '--value'], '1');
  t.deepEqual(await seen(), before);
  await host.run(['test', '-e', '/var/lib/of-this-host']);
  const { stdout } = await host.run(['ostree', 'admin', 'status']);
  const [, ref] = /origin refspec: (\S+)/.exec(stdout)!;
  await host.run(['ostree', 'admin', 'deploy', '--stage', ref!], { timeoutMs: bootTimeoutMs });
  await host.expect(['ostree', 'admin', 'status'], / \(staged\)$/m);
});
