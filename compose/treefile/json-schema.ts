// The declarations of all keys -> JSON Schema for editors (2020-12). It is as strict as the reader is with YAML, and also refuses what
// the reader only warns of inside values; with treefiles written inline it is as lenient as the reader.

import type { MergedKey, SteeringKey } from './declare.ts';
import { removeInherited } from './keys/including.ts';
import { packages } from './keys/packages.ts';
import { keyThemes, mergedKeys, refusedKeys } from './keys.ts';
import { hasNamedMembers } from './remove-inherited.ts';
import { plainValue } from './source/node.ts';
import { SourceFile } from './source/source-file.ts';
import { parseYaml } from './source/yaml.ts';
import type { JsonValue } from './treefile.ts';
import { mapSchema } from './types/collections.ts';
import type { JsonSchema } from './types/value-type.ts';

export function treefileSchema(): JsonSchema {
  const keys = keyThemes.flatMap((theme) => theme.keys);
  const legacy = keys.flatMap((key) =>
    key.legacyName === undefined
      ? []
      : [[key.legacyName, { ...schemaOf(key), deprecated: true, description: `Old spelling of ${key.name}.` }]],
  );
  const refused = Object.fromEntries(
    refusedKeys.map(({ name, reason }) => [name, { not: {}, description: `Not in a compose: ${reason}.` }]),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Treefile',
    description: 'A treefile of rpm-ostree and Slipway: packages and settings that make an OSTree commit.',
    type: 'object',
    properties: {
      ...Object.fromEntries(keys.map((key) => [key.name, schemaOf(key)])),
      ...Object.fromEntries(legacy),
      ...refused,
    },
    patternProperties: {
      [architecturePattern()]: {
        ...orEmpty(valueSchema(packages)),
        description: 'Packages for one base architecture.',
      },
    },
    additionalProperties: false,
    $defs: {
      inline: {
        description:
          'A treefile written inline: keys that steer the reading have no effect, and those that do not exist are ignored.',
        type: 'object',
        properties: {
          ...Object.fromEntries(mergedKeys.map(({ name }) => [name, { $ref: `#/properties/${name}` }])),
          ...refused,
        },
      },
    },
  };
}

/** `packages-ARCH`, but none of the refused keys that begin so: a name has one meaning. */
function architecturePattern(): string {
  const others = refusedKeys.filter(({ name }) => name.startsWith('packages-')).map(({ name }) => `${name.slice(9)}$`);
  return `^packages-(?!${others.join('|')}).`;
}

function schemaOf(key: MergedKey | SteeringKey<unknown>): JsonSchema {
  const deprecated = key.deprecated === undefined ? [] : [`Deprecated: ${key.deprecated}.`];
  return {
    ...orEmpty(key.name === removeInherited.name ? removalsSchema() : valueSchema(key)),
    description: [key.docs, ...deprecated, `Since ${key.since}.`].join('\n\n'),
    examples: [exampleOf(key)],
    ...(key.default === undefined ? {} : { default: key.default }),
    ...(key.deprecated === undefined ? {} : { deprecated: true }),
  };
}

/** An empty value counts as not written. */
function orEmpty(value: JsonSchema): JsonSchema {
  return { anyOf: [value, { type: 'null' }] };
}

function valueSchema(key: MergedKey | SteeringKey<unknown>): JsonSchema {
  switch (key.form) {
    case 'scalar':
    case 'steering':
      return key.type.schema;
    case 'list':
      return { type: 'array', items: key.item.schema };
    case 'map':
      return mapSchema(key.member.schema, key.reserved);
  }
}

/** Only the keys whose members have names can be named here. */
function removalsSchema(): JsonSchema {
  const names = { type: 'array', items: { type: 'string' } };
  const keys = mergedKeys.filter(hasNamedMembers).map(({ name }) => [name, names]);
  return { type: 'object', properties: Object.fromEntries(keys), additionalProperties: false };
}

/** The value that the example of a key gives it. */
function exampleOf(key: MergedKey | SteeringKey<unknown>): JsonValue {
  const parsed = parseYaml(new SourceFile(key.name, key.example));
  if ('error' in parsed) throw new TypeError(`the example of ${key.name} is ${parsed.error.message}`);
  return (plainValue(parsed.root) as Readonly<Record<string, JsonValue>>)[key.name]!;
}
