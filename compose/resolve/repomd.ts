// repomd.xml, the index of a repository's metadata, and the lists of mirrors: pure parsing.

import { type DigestType, digestType } from './digest-type.ts';
import { childText, findAll, parseXml, type XmlElement } from './xml.ts';

export interface Checksum {
  readonly type: DigestType;
  /** Lower-case hex. */
  readonly value: string;
}

export interface MetadataRecord {
  /** `primary`, `filelists`, `modules`, … */
  readonly type: string;
  /** Path relative to the repository's base URL. */
  readonly href: string;
  readonly checksum: Checksum;
  /** Of the content after unpacking; absent when the file is not packed. */
  readonly openChecksum?: Checksum;
  /** Bytes of the file and of its content. */
  readonly size?: number;
  readonly openSize?: number;
}

export interface Repomd {
  readonly revision: string;
  /** Time of the newest record, in seconds since 1970; absent when none says. */
  readonly generated?: number;
  readonly records: ReadonlyMap<string, MetadataRecord>;
}

/** @throws SyntaxError that fits behind "repomd.xml cannot be used: ". */
export function parseRepomd(text: string): Repomd {
  const root = parseXml(text);
  if (root.name !== 'repomd') throw new SyntaxError(`its root is <${root.name}>, not <repomd>`);
  const records = new Map<string, MetadataRecord>();
  const children = root.children.filter((child) => child.name === 'data');
  for (const data of children) {
    const type = data.attributes.type ?? '';
    const href = data.children.find((child) => child.name === 'location')?.attributes.href;
    const checksum = checksumOf(data, 'checksum');
    const openChecksum = checksumOf(data, 'open-checksum');
    if (href === undefined || href === '' || href.split('/').includes('..')) {
      throw new SyntaxError(`the location of ${type} is missing or leaves the repository`);
    }
    // A record with a weak or unknown digest cannot be verified, so it does not exist for us.
    if (checksum === undefined) continue;
    records.set(type, {
      type,
      href,
      checksum,
      ...(openChecksum === undefined ? {} : { openChecksum }),
      ...sizeOf(data, 'size', 'size'),
      ...sizeOf(data, 'open-size', 'openSize'),
    });
  }
  if (!records.has('primary')) throw new SyntaxError('it has no primary record with a SHA-2 checksum');
  return { revision: childText(root, 'revision') ?? '', ...newest(children), records };
}

/** yum wrote times with fractions. */
function newest(records: readonly XmlElement[]): Pick<Repomd, 'generated'> {
  const times = records.map((data) => /^\d{1,12}(?=\.|$)/.exec(childText(data, 'timestamp') ?? '')?.[0]);
  const known = times.filter((time) => time !== undefined).map(Number);
  return known.length === 0 ? {} : { generated: Math.max(...known) };
}

export interface Metalink {
  /** Base URLs of mirrors, best first. */
  readonly baseUrls: readonly string[];
  /** Digests that repomd.xml may have: the present one and its near predecessors. Empty: not stated. */
  readonly repomdDigests: readonly Checksum[];
}

/** A metalink 3.0 as MirrorManager writes it. Only http, https and file mirrors are kept. @throws SyntaxError */
export function parseMetalink(text: string): Metalink {
  const file = findAll(parseXml(text), 'file').find((element) => element.attributes.name === 'repomd.xml');
  if (file === undefined) throw new SyntaxError('it does not describe repomd.xml');
  const mirrors = findAll(file, 'url')
    .filter((url) => /^(https?|file):/.test(url.text) && url.text.endsWith('/repodata/repomd.xml'))
    .map((url) => ({
      baseUrl: url.text.slice(0, -'/repodata/repomd.xml'.length),
      preference: Number(url.attributes.preference ?? '0'),
    }));
  mirrors.sort((a, b) => b.preference - a.preference);
  const digests = findAll(file, 'hash').flatMap((hash) => {
    const type = digestType(hash.attributes.type ?? '');
    return type === undefined ? [] : [{ type, value: hash.text.toLowerCase() }];
  });
  return { baseUrls: mirrors.map((mirror) => mirror.baseUrl), repomdDigests: digests };
}

/** One base URL a line; lines with `#` are comments. */
export function parseMirrorlist(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => /^(https?|file):/.test(line)).map((line) => line.replace(/\/+$/, ''));
}

function checksumOf(data: XmlElement, name: string): Checksum | undefined {
  const element = data.children.find((child) => child.name === name);
  const type = digestType(element?.attributes.type ?? '');
  if (element === undefined || type === undefined || !/^[0-9a-f]{56,128}$/i.test(element.text)) return undefined;
  return { type, value: element.text.toLowerCase() };
}

function sizeOf<K extends string>(data: XmlElement, name: string, key: K): { [P in K]?: number } {
  const text = childText(data, name);
  if (text === undefined || !/^\d{1,15}$/.test(text)) return {};
  return { [key]: Number(text) } as { [P in K]?: number };
}
