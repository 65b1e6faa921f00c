// The boot that tests start from: Ignition and kernel arguments applied, and every boot on the way judged.

import { UserError } from '../../lib/errors.ts';
import type { Machine } from '../machine-run.ts';
import type { BootTimes, GuestVerdict } from '../verdict.ts';
import { type BootRules, bootProblems, timesOfBoot } from './judgement.ts';
import type { MachineNeeds } from './machines.ts';

export interface BaseBoot {
  readonly verdict: GuestVerdict;
  /** Of the last boot. */
  readonly times: BootTimes;
}

/**
 * Waits until a machine that was just started is what its group needs.
 * @throws UserError when a boot fails, `base-check-failed` with everything that the base checks find, `ignition-missing`.
 */
export async function waitForBase(
  machine: Machine,
  needs: MachineNeeds,
  { bootTimeoutMs, rules }: { readonly bootTimeoutMs: number; readonly rules: BootRules },
): Promise<BaseBoot> {
  const verdict = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
  if (needs.ignition !== null && !verdict.journal.some(({ identifier }) => identifier === 'ignition')) {
    throw new UserError('ignition-missing', `${needs.ignition} was not applied: the image has no Ignition`, {
      hint: 'it needs an image with Ignition in its initramfs and ignition.firstboot on its first boot',
    });
  }
  const first = judgedBase(machine, verdict, needs, rules);
  if (needs.kernelArguments === '') return first;
  return judgedBase(machine, await bootWithArguments(machine, needs.kernelArguments, bootTimeoutMs), needs, rules);
}

function judgedBase(machine: Machine, verdict: GuestVerdict, needs: MachineNeeds, rules: BootRules): BaseBoot {
  const times = timesOfBoot(machine, verdict);
  const lines = machine.console.lines().slice(machine.currentBoot().consoleLine);
  const boot = { verdict, times, consoleLines: lines.map(({ text }) => text) };
  const problems = needs.judged ? bootProblems(boot, rules) : [];
  if (problems.length === 0) return { verdict, times };
  throw new UserError('base-check-failed', `the machine is no base for tests:\n${problems.join('\n')}`, {
    hint: 'mend the image, put a finding into the denylist with a reason and a day, or allow it with --policy',
  });
}

/** Kernel arguments belong to a deployment: they are added to it, and the machine is booted again. */
async function bootWithArguments(machine: Machine, words: string, timeoutMs: number): Promise<GuestVerdict> {
  const appended = words.split(/\s+/).map((word) => `--append=${word}`);
  // Read-only on OSTree hosts; this command of ostree does not remount it as `ostree admin` commands for people do.
  await machine.run(['mount', '-o', 'remount,rw', '/sysroot']);
  await machine.run(['ostree', 'admin', 'instutil', 'set-kargs', '--merge', ...appended]);
  return await machine.reboot({ timeoutMs });
}
