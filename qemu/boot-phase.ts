// Where a boot stands, told from the console alone: what a machine that hangs or dies did last.

import type { ConsoleLine } from './console.ts';
import { animationLine } from './stuck-job.ts';

export type BootPhase = 'firmware' | 'boot loader' | 'kernel' | 'initramfs' | 'userspace';

const phases: readonly BootPhase[] = ['firmware', 'boot loader', 'kernel', 'initramfs', 'userspace'];

// SeaBIOS is silent on the serial port; OVMF talks in these words.
const firmwareLine = /^\S*(BdsDxe|SeaBIOS|UEFI |>>|!!!! |iPXE|Booting from |Shell>|FSOpen|Error: Image at)/;
const kernelLine = /^\[\s*\d+\.\d{6}\]|^EFI stub: |Linux version \d|Kernel panic/;
// systemd before 254 welcomes to the initramfs as it does to the host, in the words of initrd-release.
const initramfsWelcome = /Booting initrd|Welcome to .*(dracut|[Ii]nitramfs|initrd).*!/;
const initramfsLine = /Run \/init as init process|systemd\[1\]: Running in initrd|dracut[-:[]/;
// Of a `quiet` host this is all that a delay or a failure brings to the console, without the kernel's lines and without a welcome.
const statusLine = /^\[ *(OK|FAILED|DEPEND|TIME|SKIP|[ *]+) *\] |^ {9}(Starting|Mounting|Expecting) /;
const switchRootLine = /Switching root|Switch(ed)? Root/;
const userspaceLine = /Welcome to [^!]+!| login:$/;
const failedSwitch = /Failed to (start .*Switch Root|switch root)/;

/** The furthest phase that the lines of one boot show. Words of a later phase count only after those before it. */
export function bootPhase(lines: readonly ConsoleLine[]): BootPhase {
  let reached = 0;
  for (const { text } of lines) {
    if (text.includes('UEFI Interactive Shell')) break; // OVMF's answer when nothing can be booted
    if (reached === 0 && text !== '' && !firmwareLine.test(text)) reached = 1;
    if (reached === 1 && kernelLine.test(text)) reached = 2;
    if (reached < 3 && reached > 0 && (initramfsWelcome.test(text) || statusLine.test(text))) reached = 3;
    if (reached === 2 && initramfsLine.test(text)) reached = 3;
    if (reached >= 2 && switchRootLine.test(text)) reached = failedSwitch.test(text) ? 3 : 4;
    // The boot loader may say "Welcome to GRUB!".
    if (reached >= 2 && userspaceLine.test(text) && !initramfsWelcome.test(text)) reached = 4;
  }
  return phases[reached]!;
}

/** Milliseconds at which the boot loader first spoke; null when it never did. */
export function loaderSpokeAtMs(lines: readonly ConsoleLine[]): number | null {
  const first = lines.find(({ text }) => text !== '' && !firmwareLine.test(text));
  return first === undefined || kernelLine.test(first.text) ? null : first.atMs;
}

/** The last lines that say anything, oldest first; of systemd's waiting animation only its last picture. */
export function lastWords(lines: readonly ConsoleLine[], count: number): string[] {
  const spoken = lines.map((line) => line.text).filter((text) => text.trim() !== '');
  const words = spoken.filter((text, index) => index === spoken.length - 1 || !animationLine.test(text));
  return words.slice(-count);
}
