// `slipway test list`: the external tests of a folder, and what they ask for.

import type { ExternalTest } from '../../../qemu/suite/external/discover.ts';
import { defineCommand } from '../../command.ts';
import { selectedTests, selectionOptions } from './options.ts';

export const command = defineCommand({
  options: selectionOptions,
  examples: [
    ['test list', 'All tests below tests/kola'],
    ['test list --tests my/tests --tag network', 'Those with a tag'],
  ],
  async run(argv) {
    const tests = await selectedTests(argv, null);
    return { document: { kind: 'test-list', version: 1, tests }, text: tests.map(describe).join('\n') };
  },
});

function describe({ name, declaration }: ExternalTest): string {
  const { tags, requiredTag, description, unsupported } = declaration;
  return [
    name,
    ...(tags.length === 0 ? [] : [`[${tags.join(' ')}]`]),
    ...(requiredTag === null ? [] : [`(only with --tag ${requiredTag})`]),
    ...(unsupported === null ? [] : [`(skipped: ${unsupported})`]),
    ...(description === '' ? [] : [`- ${description}`]),
  ].join(' ');
}
