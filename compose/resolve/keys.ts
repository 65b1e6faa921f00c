// The OpenPGP keys of a repository: fetched, told apart from rubbish, and given in the two forms that gpgv and rpmkeys want.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../lib/documents.ts';
import type { UserError } from '../../lib/errors.ts';
import { whyUnreadable } from '../../lib/file-system-error.ts';
import { type RepoConfig, settingProblem } from './repo-config.ts';
import { fetchBytes, type RepoSession } from './session.ts';

export interface KeySet {
  /** Equal keys give equal ids. */
  readonly id: string;
  /** OpenPGP packets of all keys, as gpgv reads them. */
  readonly binary: Buffer;
  /** One ASCII-armored block for each file, as rpmkeys imports them. */
  readonly armored: readonly string[];
}

const keyLimitBytes = 4 << 20;
const armorPattern = /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g;

/** @throws DiagnosticsError `key-unreadable` naming the URL and the line of the `.repo` file; UserError `download-failed` */
export async function loadKeys(repo: RepoConfig, session: RepoSession): Promise<KeySet> {
  const blocks: Buffer[] = [];
  for (const url of repo.gpgKeys) {
    const content = await fetchKey(url, repo, session);
    const found = keyBlocks(content);
    if (found.length === 0) throw unusable(url, repo, 'holds no OpenPGP public key');
    blocks.push(...found);
  }
  const armored = blocks.map(armor);
  return { id: sha256(armored.join('')), binary: Buffer.concat(blocks), armored };
}

/** The packets of each key block in a file, armored or not. */
export function keyBlocks(content: Buffer): Buffer[] {
  const armored = [...content.toString('latin1').matchAll(armorPattern)];
  if (armored.length > 0) return armored.map((match) => dearmor(match[1]!));
  return firstPacketTag(content) === publicKeyTag ? [content] : [];
}

/** Whether a file is a signature apart from what it signs, armored or not. */
export function holdsSignature(content: Buffer): boolean {
  return content.includes('-----BEGIN PGP SIGNATURE-----') || firstPacketTag(content) === signatureTag;
}

/** RFC 9580, section 5. */
const signatureTag = 2;
const publicKeyTag = 6;

/** Of the old or the new packet format; undefined when it is no OpenPGP packet. */
function firstPacketTag(content: Buffer): number | undefined {
  const first = content[0] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  return (first & 0x40) === 0 ? (first >> 2) & 0xf : first & 0x3f;
}

/** Armor headers end with an empty line; the last line is the CRC, which newer versions of OpenPGP leave out. */
function dearmor(body: string): Buffer {
  const lines = body.split(/\r?\n/).map((line) => line.trim());
  const content = lines.slice(lines.indexOf('') + 1);
  return Buffer.from(content.filter((line) => !line.startsWith('=')).join(''), 'base64');
}

function armor(packets: Buffer): string {
  const lines = packets.toString('base64').match(/.{1,64}/g) ?? [];
  const begin = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
  return `${begin}\n\n${lines.join('\n')}\n=${crc24(packets)}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
}

/** RFC 4880, section 6.1; rpm refuses armor without it. */
function crc24(data: Buffer): string {
  let crc = 0xb704ce;
  for (const byte of data) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return Buffer.from([(crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff]).toString('base64');
}

async function fetchKey(url: string, repo: RepoConfig, session: RepoSession): Promise<Buffer> {
  if (!url.startsWith('file:')) {
    return await fetchBytes(session, `the key ${url} of the repository ${repo.id}`, [url], keyLimitBytes);
  }
  try {
    return await readFile(fileURLToPath(url));
  } catch (cause) {
    throw unusable(url, repo, `cannot be read: ${whyUnreadable(cause)}`);
  }
}

function unusable(url: string, repo: RepoConfig, reason: string): UserError {
  return settingProblem(repo, 'gpgkey', {
    code: 'key-unreadable',
    message: `the key ${url} of the repository ${repo.id} ${reason}`,
    hint: 'name a file or URL with the OpenPGP public key of the repository',
  });
}
