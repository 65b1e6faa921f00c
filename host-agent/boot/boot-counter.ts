// The boot counter in GRUB's environment: GRUB counts it down at each start and boots the other deployment when it is used up.

import { changeBootEnvironment, readBootEnvironment } from './bootenv-device.ts';

/** The name that GRUB's configuration in the image reads (and greenboot's, too). */
const variable = 'boot_counter';

/** How often a new deployment is tried. GRUB's configuration knows exactly the values 3, 2, 1 and 0. */
export const bootTries = 3;

export type BootCounter =
  /** No boot loader environment: a deployment that does not start must be helped by hand. */
  | { readonly supported: false }
  /** `triesLeft` is null when no deployment is on trial. */
  | { readonly supported: true; readonly triesLeft: number | null };

export async function readBootCounter(device: string): Promise<BootCounter> {
  const environment = await readBootEnvironment(device);
  if (environment === undefined) return { supported: false };
  const value = environment.get(variable);
  return { supported: true, triesLeft: value === undefined ? null : Number(value) };
}

/** Puts the next boots on trial. Doing it twice is as good as once. False when the host cannot count boots. */
export function armBootCounter(device: string): Promise<boolean> {
  return changeBootEnvironment(device, { [variable]: String(bootTries) });
}

/** Ends the trial: the booted deployment is good. */
export function clearBootCounter(device: string): Promise<boolean> {
  return changeBootEnvironment(device, { [variable]: null });
}
