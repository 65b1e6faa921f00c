// Package URLs of RPMs: `pkg:rpm/debian/bash@5.2-1?arch=x86_64&epoch=1`. Source: purl-spec, PURL-SPECIFICATION.rst and types/rpm.

import type { PackageIdentity } from '../../lib/ostree-objects.ts';

export function packageUrl(
  { name, epoch, version, release, arch, sourceRpm }: PackageIdentity & { readonly sourceRpm: string | null },
  os: { readonly id: string; readonly versionId: string | null },
): string {
  const qualifiers = [
    ['arch', arch],
    ['distro', os.versionId === null ? os.id : `${os.id}-${os.versionId}`],
    ...(epoch === 0 ? [] : [['epoch', String(epoch)]]),
    ...(sourceRpm === null ? [] : [['upstream', sourceRpm]]),
  ];
  const query = qualifiers.map(([key, value]) => `${key}=${encode(value!)}`).join('&');
  return `pkg:rpm/${encode(os.id.toLowerCase())}/${encode(name)}@${encode(`${version}-${release}`)}?${query}`;
}

/** Letters, digits, `.`, `-`, `_`, `~` and `:` stay. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
