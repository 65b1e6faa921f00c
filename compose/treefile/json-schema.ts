// The declarations of all keys -> JSON Schema for editors (2020-12).

import type { MergedKey, SteeringKey } from './declare.ts';
import { packages } from './keys/packages.ts';
import { keyThemes, refusedKeys } from './keys.ts';
import type { JsonSchema } from './types/value-type.ts';

export function treefileSchema(): JsonSchema {
  const keys = keyThemes.flatMap((theme) => theme.keys);
  const legacy = keys.flatMap((key) =>
    key.legacyName === undefined
      ? []
      : [[key.legacyName, { ...schemaOf(key), deprecated: true, description: `Old spelling of ${key.name}.` }]],
  );
  const refused = refusedKeys.map(({ name, reason }) => [
    name,
    { not: {}, description: `Not in a compose: ${reason}.` },
  ]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Treefile',
    description: 'A treefile of rpm-ostree and Slipway: packages and settings that make an OSTree commit.',
    type: ['object', 'null'],
    properties: {
      ...Object.fromEntries(keys.map((key) => [key.name, schemaOf(key)])),
      ...Object.fromEntries(legacy),
      ...Object.fromEntries(refused),
    },
    patternProperties: {
      '^packages-[a-z0-9_]+$': { ...valueSchema(packages), description: 'Packages for one base architecture.' },
    },
    additionalProperties: false,
  };
}

function schemaOf(key: MergedKey | SteeringKey<unknown>): JsonSchema {
  const value = valueSchema(key);
  return {
    // An empty value counts as not written.
    ...('type' in value && typeof value.type === 'string'
      ? { ...value, type: [value.type, 'null'] }
      : { anyOf: [value, { type: 'null' }] }),
    description: key.docs,
    ...(key.default === undefined ? {} : { default: key.default }),
    ...(key.deprecated === undefined ? {} : { deprecated: true }),
  };
}

function valueSchema(key: MergedKey | SteeringKey<unknown>): JsonSchema {
  switch (key.form) {
    case 'scalar':
    case 'steering':
      return key.type.schema;
    case 'list':
      return { type: 'array', items: key.item.schema };
    case 'map':
      return { type: 'object', additionalProperties: key.member.schema };
  }
}
