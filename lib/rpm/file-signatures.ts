// The signatures of a package's files for the kernel's integrity measurement architecture (IMA), as `rpmsign --signfiles` adds them.

import { isRegularFile, type RpmFileEntry, rpmFiles } from './files.ts';
import { numberTag, readRpmHeaders, stringArrayTag } from './read.ts';
import { rpmDigestAlgorithm, rpmFileFlag, rpmSignatureTag, rpmTag } from './tags.ts';

export interface SignedFile extends RpmFileEntry {
  /** Value of the attribute `security.ima`. */
  readonly signature: Buffer;
  /** Of `digest`, as node:crypto names it. */
  readonly digestAlgorithm: string;
}

/**
 * The files that get a signature when rpm installs the package (plugins/ima.c): not those that are to be changed, configuration that is
 * no program.
 * @throws UserError `rpm-unreadable`
 */
export async function signedFiles(path: string): Promise<SignedFile[]> {
  const { signature: header, main } = await readRpmHeaders(path);
  const own = stringArrayTag(header, rpmSignatureTag.fileSignatures);
  const signatures = own.length > 0 ? own : stringArrayTag(main, rpmTag.fileSignatures); // rpm 4.13 put them there
  if (signatures.length === 0) return [];
  const algorithm = numberTag(main, rpmTag.fileDigestAlgo) ?? rpmDigestAlgorithm.md5;
  const digestAlgorithm = Object.entries(rpmDigestAlgorithm).find(([, number]) => number === algorithm)?.[0] ?? '';
  return rpmFiles(main)
    .map((file, index) => ({ ...file, digestAlgorithm, signature: Buffer.from(signatures[index] ?? '', 'hex') }))
    .filter((file) => isRegularFile(file) && !isChangeable(file) && file.signature.some((byte) => byte !== 0));
}

function isChangeable({ flags, mode }: RpmFileEntry): boolean {
  return (flags & rpmFileFlag.ghost) !== 0 || ((flags & rpmFileFlag.config) !== 0 && (mode & 0o111) === 0);
}
