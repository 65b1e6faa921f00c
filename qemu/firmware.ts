// Finds UEFI firmware for QEMU where Debian and Fedora put it.

import { access } from 'node:fs/promises';
import { UserError } from '../lib/errors.ts';

export interface UefiFirmware {
  /** Read-only code. */
  readonly code: string;
  /** Empty variables, to be copied for each machine. */
  readonly variables: string;
}

/** Debian's ovmf, then Fedora's edk2-ovmf; the larger 4 MiB builds first, as distributions do. */
export const uefiFirmwarePlaces: readonly UefiFirmware[] = [
  { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
  { code: '/usr/share/OVMF/OVMF_CODE.fd', variables: '/usr/share/OVMF/OVMF_VARS.fd' },
  { code: '/usr/share/edk2/ovmf/OVMF_CODE.fd', variables: '/usr/share/edk2/ovmf/OVMF_VARS.fd' },
];

/** Code that enforces Secure Boot, with variables in which it is switched on and the distribution's choice of keys is enrolled. */
export const secureFirmwarePlaces: readonly UefiFirmware[] = [
  { code: '/usr/share/OVMF/OVMF_CODE_4M.ms.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.ms.fd' },
  { code: '/usr/share/OVMF/OVMF_CODE.ms.fd', variables: '/usr/share/OVMF/OVMF_VARS.ms.fd' },
  { code: '/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd', variables: '/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd' },
];

/**
 * The first place whose both files exist.
 * @throws UserError `ovmf-missing`.
 */
export async function findUefiFirmware(
  firmware: 'uefi' | 'uefi-secure' = 'uefi',
  places: readonly UefiFirmware[] = firmware === 'uefi' ? uefiFirmwarePlaces : secureFirmwarePlaces,
): Promise<UefiFirmware> {
  for (const place of places) {
    if ((await readable(place.code)) && (await readable(place.variables))) return place;
  }
  const wanted = firmware === 'uefi' ? '' : ' with Secure Boot';
  throw new UserError('ovmf-missing', `no UEFI firmware${wanted} for QEMU (OVMF) is installed`, {
    hint: 'install the package ovmf (Debian) or edk2-ovmf (Fedora), or boot with --firmware bios',
  });
}

async function readable(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
