// The tiny guest of the accelerator probe: a boot sector for SeaBIOS that needs what every guest needs (the firmware's protected
// mode, the timer interrupt, `hlt`, port I/O) and then ends QEMU through the isa-debug-exit device.

/** What the boot sector writes to the first serial port. */
export const bootSectorGreeting = 'OK\n';
/** Port of the isa-debug-exit device. */
export const debugExitPort = 0xf4;
/** QEMU's exit status: isa-debug-exit gives (value << 1) | 1, and the boot sector writes 0x10. */
export const bootSectorExitStatus = 0x21;

// SeaBIOS passes over disks that are smaller than this.
const diskSize = 1024 * 1024;

/** A disk image (1 MiB) whose first sector is the program. */
export function bootSectorDisk(): Uint8Array {
  const program = [
    ...[0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0xfb], //          cli; xor ax,ax; mov ds,ax; sti
    ...[0xa1, 0x6c, 0x04], //                            mov ax,[0x46c]       BIOS tick counter, 18.2 Hz
    ...[0x83, 0xc0, 0x03], //                            add ax,3
    0xf4, //                                       wait: hlt
    ...[0x3b, 0x06, 0x6c, 0x04], //                      cmp ax,[0x46c]
    ...[0x77, 0xf9], //                                  ja wait
    ...[0xba, 0xf8, 0x03], //                            mov dx,0x3f8         first serial port
    ...[...bootSectorGreeting].flatMap((letter) => [0xb0, letter.charCodeAt(0), 0xee]), // mov al,letter; out dx,al
    ...[0xba, debugExitPort, 0x00, 0xb0, 0x10, 0xee], // mov dx,0xf4; mov al,0x10; out dx,al
    ...[0xf4, 0xeb, 0xfd], //                      stop: hlt; jmp stop
  ];
  const disk = new Uint8Array(diskSize);
  disk.set(program);
  disk.set([0x55, 0xaa], 510);
  return disk;
}
