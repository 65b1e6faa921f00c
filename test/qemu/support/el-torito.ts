// The smallest CD image that a BIOS boots ("El Torito" Bootable CD-ROM Format Specification 1.0): no files, only a boot catalogue.

const sectorSize = 2048;
const [bootRecordSector, catalogueSector, programSector] = [17, 18, 19];

/** @param program at most 512 bytes, loaded to 0:7c00 and run ("no emulation") */
export function elTorito(program: Uint8Array): Uint8Array {
  const image = Buffer.alloc(20 * sectorSize);
  const sector = (number: number): Buffer => image.subarray(number * sectorSize, (number + 1) * sectorSize);
  // ISO 9660: the primary volume descriptor in sector 16, then the boot record.
  Buffer.from([1, ...Buffer.from('CD001'), 1]).copy(sector(16));
  const bootRecord = sector(bootRecordSector);
  Buffer.from([0, ...Buffer.from('CD001'), 1, ...Buffer.from('EL TORITO SPECIFICATION')]).copy(bootRecord);
  bootRecord.writeUInt32LE(catalogueSector, 0x47);
  const catalogue = sector(catalogueSector);
  // Validation entry: its 16-bit words add up to 0.
  catalogue[0] = 1;
  catalogue.set([0x55, 0xaa], 30);
  catalogue.writeUInt16LE(0x10000 - (0x0001 + 0xaa55), 28);
  // Default entry: bootable, no emulation, one virtual sector of 512 bytes.
  catalogue[32] = 0x88;
  catalogue.writeUInt16LE(1, 38);
  catalogue.writeUInt32LE(programSector, 40);
  sector(programSector).set(program);
  return image;
}
