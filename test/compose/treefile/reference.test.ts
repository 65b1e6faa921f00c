import { readFile } from 'node:fs/promises';
import test from 'ava';
import { treefileSchema } from '../../../compose/treefile/json-schema.ts';
import { keyThemes } from '../../../compose/treefile/keys.ts';
import { treefileReference } from '../../../compose/treefile/reference.ts';

test('docs/treefile.md is what the declarations say', async (t) => {
  const written = await readFile(new URL('../../../docs/treefile.md', import.meta.url), 'utf8');
  t.true(written === treefileReference(), 'make it again: ./slipway treefile schema --docs > docs/treefile.md');
});

test('the JSON Schema describes every key and refuses others', (t) => {
  const schema = treefileSchema();
  const properties = schema.properties as Record<string, { description: string; default?: unknown }>;
  for (const key of keyThemes.flatMap(({ keys }) => keys)) {
    t.true(properties[key.name]?.description.startsWith(key.docs), key.name);
    t.regex(properties[key.name]!.description, new RegExp(`Since ${key.since}\\.$`));
    t.deepEqual(properties[key.name]?.default, key.default, key.name);
  }
  t.is(schema.additionalProperties, false);
  t.like(properties, {
    gpg_key: { deprecated: true },
    'override-remove': { not: {} },
    selinux: { anyOf: [{ type: 'boolean' }, { type: 'null' }], default: true, examples: [false] },
    units: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }] },
    'boot-location': { anyOf: [{ enum: ['new', 'modules', 'kernel-install'] }, { type: 'null' }] },
  });
  t.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
});
