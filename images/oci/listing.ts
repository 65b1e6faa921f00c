// What `ostree ls -R -C -X` says of a commit's files and folders beyond what a GNU tar archive can hold: extended attributes, and which
// files are one object.

export interface ListedFile {
  /** Checksum of the file's object: of its content, owner, mode and attributes. A folder has that of its attributes. */
  readonly object: string;
  /** Full name, e.g. `security.capability`, to value. */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

const row = /^[-d]0\d{4} \d+ \d+ +\d+ (?:[0-9a-f]{64} )?([0-9a-f]{64}) \{ (.*?) \} \/(.*)$/;

/**
 * Files and folders by their path without leading slash (the root is ''). Symbolic links are left out: they have no attributes of use.
 * @throws Error when a line has another form, e.g. because a file name holds a line break
 */
export function parseListing(text: string): Map<string, ListedFile> {
  const files = new Map<string, ListedFile>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('l')) continue;
    const [, object, attributes, path] = row.exec(line) ?? [];
    if (object === undefined || path === undefined) throw new Error(`ostree ls printed an unknown line: ${line}`);
    files.set(path, { object, xattrs: parseAttributes(attributes!) });
  }
  return files;
}

/** Reads a GVariant of type a(ayay) in text form: `[(b'NAME', [byte 0x01, 0x02])]`, or b'' strings that end in an unwritten zero. */
export function parseAttributes(text: string): Map<string, Uint8Array> {
  const pair =
    /\((b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*"), ((?:b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*"|(?:@ay )?\[[^\]]*\]))\)/gs;
  const names = [...text.matchAll(pair)].map(
    ([, name, value]) => [byteArray(name!).subarray(0, -1).toString(), byteArray(value!)] as const,
  );
  return new Map(names);
}

const escapes: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

function byteArray(text: string): Buffer {
  if (!text.startsWith('b'))
    return Buffer.from([...text.matchAll(/0x([0-9a-f]{2})/g)].map((found) => Number(found[0])));
  const bytes = [...text.slice(2, -1).matchAll(/\\([0-7]{1,3})|\\(.)|([^\\]+)/gs)].map(([, octal, letter, plain]) => {
    if (octal !== undefined) return Buffer.from([Number.parseInt(octal, 8)]);
    if (letter !== undefined) return letter in escapes ? Buffer.from([escapes[letter]!]) : Buffer.from(letter);
    return Buffer.from(plain!);
  });
  return Buffer.concat([...bytes, Buffer.of(0)]);
}
