// Inventory of a commit -> CycloneDX 1.6 as JSON (https://cyclonedx.org/docs/1.6/json/). Equal commits give equal bytes.

import manifest from '../../package.json' with { type: 'json' };
import type { JsonValue } from '../treefile/treefile.ts';
import type { Inventory, InventoryPackage } from './inventory.ts';
import { isSpdxExpression } from './license.ts';

export function cycloneDxDocument({ commit, name, packages }: Inventory): JsonValue {
  const commitRef = `ostree:${commit.checksum}`;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(commit.checksum)}`,
    version: 1,
    metadata: {
      timestamp: new Date(commit.timestamp * 1000).toISOString().replace('.000Z', 'Z'),
      tools: { components: [{ type: 'application', name: 'slipway', version: manifest.version }] },
      component: {
        type: 'operating-system',
        'bom-ref': commitRef,
        name,
        version: commit.version ?? commit.checksum,
        description: `OSTree commit ${commit.checksum}`,
        hashes: [{ alg: 'SHA-256', content: commit.checksum }],
      },
    },
    components: packages.map(component),
    dependencies: [{ ref: commitRef, dependsOn: packages.map(({ purl }) => purl) }],
  };
}

function component({ name, evr, purl, license, supplier, summary, url, fileDigest }: InventoryPackage): JsonValue {
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version: evr,
    purl,
    ...(supplier === null ? {} : { supplier: { name: supplier } }),
    ...(summary === null ? {} : { description: summary }),
    ...(license === null ? {} : { licenses: [licenseChoice(license)] }),
    ...fileHashes(fileDigest),
    ...(url !== null && URL.canParse(url) ? { externalReferences: [{ type: 'website', url }] } : {}),
  };
}

/** CycloneDX has no name for SHA-224. */
function fileHashes(digest: InventoryPackage['fileDigest']): { hashes?: JsonValue } {
  if (digest === null || digest.type === 'sha224') return {};
  return { hashes: [{ alg: digest.type.toUpperCase().replace('SHA', 'SHA-'), content: digest.value }] };
}

function licenseChoice(license: string): JsonValue {
  return isSpdxExpression(license) ? { expression: license } : { license: { name: license } };
}

/** A UUID of version 8 (RFC 9562: by rules of one's own) out of the commit's checksum. */
function uuidOf(checksum: string): string {
  const digits = `${checksum.slice(0, 12)}8${checksum.slice(13, 16)}a${checksum.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
