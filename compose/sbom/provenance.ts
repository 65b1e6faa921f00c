// Inventory of a commit -> how it was made: an in-toto Statement v1 with the SLSA provenance predicate v1 (https://slsa.dev/spec/v1.0/provenance),
// and its signed envelope (DSSE, https://github.com/secure-systems-lab/dsse).

import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { sha256 } from '../../lib/documents.ts';
import manifest from '../../package.json' with { type: 'json' };
import type { JsonValue } from '../treefile/treefile.ts';
import type { Inventory } from './inventory.ts';

const payloadType = 'application/vnd.in-toto+json';

/** No times and no machine: the compose is reproducible, and whoever repeats it gets the same statement. */
export function provenanceStatement({ commit, name, packages, treefile }: Inventory): JsonValue {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name, digest: { sha256: commit.checksum } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:slipway:compose-tree:v1',
        externalParameters: {
          ref: name,
          version: commit.version,
          treefile:
            treefile === null
              ? null
              : { path: '/usr/share/slipway/treefile.json', digest: { sha256: treefile.digest } },
        },
        internalParameters: { inputId: commit.inputId, sourceDateEpoch: commit.timestamp, parent: commit.parent },
        resolvedDependencies: packages.map(({ purl, name: packageName, evr, arch, fileDigest }) => ({
          uri: purl,
          name: `${packageName}-${evr}.${arch}`,
          ...(fileDigest === null ? {} : { digest: { [fileDigest.type]: fileDigest.value } }),
        })),
      },
      runDetails: {
        builder: { id: 'urn:slipway:builder', version: { slipway: manifest.version } },
        metadata: { invocationId: commit.inputId ?? commit.checksum },
      },
    },
  };
}

/** Signs a statement; the key id is the SHA-256 of the public key's SubjectPublicKeyInfo. */
export function signedEnvelope(statement: JsonValue, key: KeyObject): JsonValue {
  const payload = Buffer.from(JSON.stringify(statement));
  return {
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyId(key), sig: sign(null, preAuthentication(payload), key).toString('base64') }],
  };
}

/** The bytes that are signed: type and payload, each with its length. */
export function preAuthentication(payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function keyId(key: KeyObject): string {
  return sha256(createPublicKey(key.export({ format: 'pem', type: 'pkcs8' })).export({ format: 'der', type: 'spki' }));
}
