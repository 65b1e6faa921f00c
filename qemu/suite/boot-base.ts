// The boot that tests start from: Ignition and kernel arguments applied, and every boot on the way judged.

import { UserError } from '../../lib/errors.ts';
import { bootWithArguments } from '../kernel-arguments.ts';
import type { Machine } from '../machine-run.ts';
import type { BootTimes, GuestVerdict } from '../verdict.ts';
import { type BootRules, bootProblems, timesOfBoot } from './judgement.ts';
import type { MachineNeeds } from './machines.ts';
import type { MachineSettings } from './prepare-machine.ts';

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
  { bootTimeoutMs, rules, machine: file }: Pick<MachineSettings, 'bootTimeoutMs' | 'rules' | 'machine'>,
): Promise<BaseBoot> {
  const verdict = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
  if (needs.ignition !== null && !verdict.journal.some(({ identifier }) => identifier === 'ignition')) {
    throw new UserError('ignition-missing', `${needs.ignition} was not applied: the image has no Ignition`, {
      hint: 'its tree needs Ignition (treefiles/parts/ignition.yaml), and the image --ignition-platform qemu',
    });
  }
  const first = judgedBase(machine, verdict, needs, rules);
  // Those of the machine file, then those of the tests.
  const words = `${file.kernelArguments ?? ''} ${needs.kernelArguments}`.trim();
  if (words === '') return first;
  return judgedBase(machine, await bootWithArguments(machine, words, bootTimeoutMs), needs, rules);
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
