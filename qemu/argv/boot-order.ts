// What the firmware tries first: the network, then the CD drive, then the disks in their order. From 1: QEMU takes 0 for a kernel given with -kernel.

export const networkBootIndex = 1;
export const isoBootIndex = 2;
/** Of the first disk; the others follow. */
export const firstDiskBootIndex = 3;
