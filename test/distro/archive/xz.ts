// The size of what an .xz stream holds, read from the index at its end (xz's doc/xz-file-format.txt, sections 2.1.2 and 4).

const footerSize = 12;
const streamPaddingUnit = 4;

/** Bytes that the single stream decompresses to. @throws Error when it does not end like an xz stream. */
export function xzContentSize(stream: Buffer): number {
  const footer = stream.subarray(stream.length - footerSize);
  if (stream.length < footerSize || footer.toString('latin1', 10, 12) !== 'YZ')
    throw new Error('not a whole xz stream');
  const indexSize = (footer.readUInt32LE(4) + 1) * streamPaddingUnit;
  const index = stream.subarray(stream.length - footerSize - indexSize);
  let offset = 1; // behind the indicator byte 0
  const next = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = index[offset++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  let size = 0;
  for (let records = next(); records > 0; records--) {
    next(); // compressed size of the block
    size += next();
  }
  return size;
}
