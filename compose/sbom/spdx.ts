// Inventory of a commit -> SPDX 2.3 as JSON (https://spdx.github.io/spdx-spec/v2.3/). Equal commits give equal bytes.

import { sha256 } from '../../lib/documents.ts';
import manifest from '../../package.json' with { type: 'json' };
import type { JsonValue } from '../treefile/treefile.ts';
import type { Inventory, InventoryPackage } from './inventory.ts';
import { isSpdxExpression } from './license.ts';

const commitId = 'SPDXRef-Commit';

export function spdxDocument(inventory: Inventory): JsonValue {
  const { commit, name, packages } = inventory;
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${name} ${commit.version ?? commit.checksum}`,
    documentNamespace: `https://spdx.org/spdxdocs/slipway-${commit.checksum}`,
    creationInfo: {
      created: new Date(commit.timestamp * 1000).toISOString().replace('.000Z', 'Z'),
      creators: [`Tool: slipway-${manifest.version}`],
    },
    packages: [systemPackage(inventory), ...packages.map(spdxPackage)],
    hasExtractedLicensingInfos: extractedLicenses(packages),
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: commitId },
      ...packages.map((each) => ({
        spdxElementId: commitId,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: packageId(each),
      })),
    ],
  };
}

// The commit itself. Its checksum is the SHA-256 of the commit object, so the document is bound to it. No primaryPackagePurpose: the
// schemas of 2.3 disagree on how an operating system is spelled.
function systemPackage({ name, commit }: Inventory): JsonValue {
  return {
    SPDXID: commitId,
    name,
    versionInfo: commit.version ?? commit.checksum,
    ...common,
    licenseDeclared: 'NOASSERTION',
    checksums: [{ algorithm: 'SHA256', checksumValue: commit.checksum }],
    comment: `OSTree commit ${commit.checksum}`,
  };
}

const common = {
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
} as const;

function spdxPackage(each: InventoryPackage): JsonValue {
  const { name, evr, purl, fileDigest, supplier, summary, url, sourceRpm } = each;
  return {
    SPDXID: packageId(each),
    name,
    versionInfo: evr,
    supplier: supplier === null ? 'NOASSERTION' : `Organization: ${supplier}`,
    ...common,
    licenseDeclared: declaredLicense(each.license),
    ...(fileDigest === null
      ? {}
      : { checksums: [{ algorithm: fileDigest.type.toUpperCase(), checksumValue: fileDigest.value }] }),
    ...(url !== null && URL.canParse(url) ? { homepage: url } : {}),
    ...(summary === null ? {} : { summary }),
    ...(sourceRpm === null ? {} : { sourceInfo: `built from ${sourceRpm}` }),
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  };
}

/** Letters, digits, `.` and `-` are allowed; others become their code, so that no two packages share an id. */
function packageId({ name, evr, arch }: Pick<InventoryPackage, 'name' | 'evr' | 'arch'>): string {
  const id = `${name}-${evr}.${arch}`;
  return `SPDXRef-Package-${id.replaceAll(/[^A-Za-z0-9.-]/g, (character) => `-${character.charCodeAt(0).toString(16)}-`)}`;
}

function declaredLicense(license: string | null): string {
  if (license === null) return 'NOASSERTION';
  return isSpdxExpression(license) ? license : licenseReference(license);
}

function licenseReference(text: string): string {
  return `LicenseRef-${sha256(text).slice(0, 16)}`;
}

function extractedLicenses(packages: readonly InventoryPackage[]): JsonValue {
  const texts = new Set(
    packages.flatMap(({ license }) => (license === null || isSpdxExpression(license) ? [] : [license])),
  );
  return [...texts].sort().map((text) => ({
    licenseId: licenseReference(text),
    extractedText: text,
    comment: 'The License field of the package, which is no SPDX expression',
  }));
}
