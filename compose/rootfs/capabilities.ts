// File capabilities: the text that an RPM header holds (cap_to_text(3)) as the bytes of the attribute `security.capability`.

import { UserError } from '../../lib/errors.ts';

/** In the order of their numbers, include/uapi/linux/capability.h. */
const names =
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'.split(
    ' ',
  );
const numbers = new Map(names.map((name, number) => [`cap_${name}`, BigInt(number)]));
const all = (1n << BigInt(names.length)) - 1n;
const revision2 = 0x0200_0000;

/**
 * The 20 bytes of `struct vfs_cap_data`, revision 2.
 * @param text clauses such as `cap_net_raw=ep` or `cap_setuid,cap_setgid=ep cap_chown+i`
 * @throws UserError `capability-unknown`
 */
export function capabilityBytes(text: string): Buffer {
  const sets = { e: 0n, p: 0n, i: 0n };
  for (const clause of text.trim().split(/\s+/)) {
    const [, list = '', actions = ''] = /^([^=+-]*)((?:[=+-][eip]*)+)$/.exec(clause) ?? [];
    if (actions === '') throw unknown(text, clause);
    const mask = maskOf(list, text);
    for (const [, operator, flags = ''] of actions.matchAll(/([=+-])([eip]*)/g)) {
      for (const set of ['e', 'p', 'i'] as const) {
        if (operator === '=') sets[set] &= ~mask;
        if (flags.includes(set)) sets[set] = operator === '-' ? sets[set] & ~mask : sets[set] | mask;
      }
    }
  }
  const bytes = Buffer.alloc(20);
  const low = (value: bigint): number => Number(value & 0xffff_ffffn);
  bytes.writeUInt32LE(revision2 | (sets.e === 0n ? 0 : 1), 0);
  bytes.writeUInt32LE(low(sets.p), 4);
  bytes.writeUInt32LE(low(sets.i), 8);
  bytes.writeUInt32LE(low(sets.p >> 32n), 12);
  bytes.writeUInt32LE(low(sets.i >> 32n), 16);
  return bytes;
}

/** The text form of `struct vfs_cap_data`, e.g. `cap_net_raw=ep`; of other revisions too, whose user id is left out. */
export function capabilityText(bytes: Buffer): string {
  const words = Array.from({ length: 5 }, (_, at) => (bytes.length >= at * 4 + 4 ? bytes.readUInt32LE(at * 4) : 0));
  const [magic = 0, permittedLow = 0, inheritableLow = 0, permittedHigh = 0, inheritableHigh = 0] = words;
  const permitted = BigInt(permittedLow) | (BigInt(permittedHigh) << 32n);
  const inheritable = BigInt(inheritableLow) | (BigInt(inheritableHigh) << 32n);
  const effective = (magic & 1) === 1;
  const byFlags = Map.groupBy(numbers, ([, number]) => {
    const isPermitted = (permitted >> number) & 1n;
    const isInheritable = (inheritable >> number) & 1n;
    const e = effective && (isPermitted | isInheritable) === 1n ? 'e' : '';
    return `${e}${isInheritable === 1n ? 'i' : ''}${isPermitted === 1n ? 'p' : ''}`;
  });
  return [...byFlags]
    .filter(([flags]) => flags !== '')
    .map(([flags, list]) => `${list.length === names.length ? '' : list.map(([name]) => name).join(',')}=${flags}`)
    .sort()
    .join(' ');
}

function maskOf(list: string, text: string): bigint {
  if (list === '' || list === 'all') return all;
  return list.split(',').reduce((mask, name) => {
    const number = numbers.get(name.toLowerCase());
    if (number === undefined) throw unknown(text, name);
    return mask | (1n << number);
  }, 0n);
}

function unknown(text: string, word: string): UserError {
  return new UserError('capability-unknown', `the file capabilities "${text}" are not understood at "${word}"`);
}
