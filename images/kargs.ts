// The kernel arguments of every host image, and how the user's own are joined to them.

import { UserError } from '../lib/errors.ts';
import { rootLabel } from './root-filesystem.ts';

/** Each with its reason; order matters for console=, where the last becomes /dev/console. */
export const defaultKernelArguments: readonly { readonly argument: string; readonly reason: string }[] = [
  { argument: `root=LABEL=${rootLabel}`, reason: 'the root file system that this image carries' },
  { argument: 'rw', reason: 'ostree-prepare-root makes /usr read-only itself' },
  { argument: 'console=tty0', reason: 'a screen, where there is one' },
  { argument: 'console=ttyS0,115200', reason: 'the serial line of virtual machines; it is /dev/console' },
  { argument: 'panic=5', reason: 'a panic restarts the machine, so that boot counting goes on' },
  { argument: 'rd.shell=0', reason: 'no shell in the initramfs: nobody sits in front of it' },
  { argument: 'rd.emergency=reboot', reason: 'a failed initramfs restarts the machine, so that boot counting goes on' },
  {
    argument: 'systemd.gpt_auto=no',
    reason: 'nothing mounts the EFI partition over /boot, which is the folder of OSTree',
  },
  { argument: 'systemd.watchdog_sec=30', reason: 'a hang of PID 1 restarts the machine where a watchdog exists' },
];

/** Added when the first boot is to run Ignition on the given platform (`qemu`, `metal`, …). */
export function ignitionArguments(platform: string): string[] {
  return ['ignition.firstboot', `ignition.platform.id=${platform}`];
}

/**
 * Defaults first, then the user's in their order. An argument of the user's replaces all defaults of the same name:
 * `console=hvc0` takes the place of both default consoles.
 * @throws UserError `karg-invalid` for an empty one or one with white space outside quotes.
 */
export function joinKernelArguments(own: readonly string[]): string[] {
  for (const argument of own) {
    if (!/^[^\s"=]+(=("[^"]*"|[^\s"]*))?$/.test(argument)) {
      throw new UserError('karg-invalid', `"${argument}" is not one kernel argument`, {
        hint: 'give one --karg for each argument, e.g. --karg quiet --karg console=hvc0',
      });
    }
  }
  const replaced = new Set(own.map(nameOf));
  const kept = defaultKernelArguments.map((entry) => entry.argument).filter((entry) => !replaced.has(nameOf(entry)));
  return [...kept, ...own];
}

function nameOf(argument: string): string {
  return argument.split('=', 1)[0]!;
}
