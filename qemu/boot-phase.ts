// Where a boot stands, told from the console alone: what a machine that hangs or dies did last.

import type { ConsoleLine } from './console.ts';

export type BootPhase = 'firmware' | 'boot loader' | 'kernel' | 'initramfs' | 'userspace';

const phases: readonly BootPhase[] = ['firmware', 'boot loader', 'kernel', 'initramfs', 'userspace'];

// SeaBIOS is silent on the serial port; OVMF talks in these words.
const firmwareLine = /^\S*(BdsDxe|SeaBIOS|UEFI |>>|!!!! |iPXE|Booting from |Shell>|FSOpen|Error: Image at)/;
const kernelLine = /^\[\s*\d+\.\d{6}\]|Linux version \d|Kernel panic/;
const initramfsLine = /Run \/init as init process|systemd\[1\]: Running in initrd|Booting initrd|dracut[-:[]/;
const userspaceLine = /Switching root|Switch(ed)? Root|Welcome to [^!]+!| login:$/;

/** The furthest phase that the lines of one boot show. Words of a later phase count only after those before it. */
export function bootPhase(lines: readonly ConsoleLine[]): BootPhase {
  let reached = 0;
  for (const { text } of lines) {
    if (text.includes('UEFI Interactive Shell')) break; // OVMF's answer when nothing can be booted
    if (reached === 0 && text !== '' && !firmwareLine.test(text)) reached = 1;
    if (reached === 1 && kernelLine.test(text)) reached = 2;
    if (reached === 2 && initramfsLine.test(text)) reached = 3;
    if (reached >= 2 && userspaceLine.test(text)) reached = 4;
  }
  return phases[reached]!;
}

/** Milliseconds at which the boot loader first spoke; null when it never did. */
export function loaderSpokeAtMs(lines: readonly ConsoleLine[]): number | null {
  const first = lines.find(({ text }) => text !== '' && !firmwareLine.test(text));
  return first === undefined || kernelLine.test(first.text) ? null : first.atMs;
}

// systemd draws twice a second which job it waits for: `[ ***  ] Job a.service/start running (12s / 1min 30s)`.
const animationLine = /^\[[ *]+\] (\(\d+ of \d+\) )?Job /;

/** The last lines that say anything, oldest first; of systemd's waiting animation only its last picture. */
export function lastWords(lines: readonly ConsoleLine[], count: number): string[] {
  const spoken = lines.map((line) => line.text).filter((text) => text.trim() !== '');
  const words = spoken.filter((text, index) => index === spoken.length - 1 || !animationLine.test(text));
  return words.slice(-count);
}
