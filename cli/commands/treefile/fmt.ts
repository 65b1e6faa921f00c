// `slipway treefile fmt`: brings treefiles into one layout.

import { realpath, stat } from 'node:fs/promises';
import { formatTreefile } from '../../../compose/treefile/format.ts';
import { Problems } from '../../../compose/treefile/problems.ts';
import { writeFileAtomically } from '../../../lib/files.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  positionals: {
    treefiles: {
      type: 'string',
      array: true,
      describe: 'The files to format (includes are not followed)',
      demandOption: true,
    },
  },
  options: {
    check: {
      type: 'boolean',
      describe: 'Change nothing; fail when a file is not formatted, or cannot be',
      default: false,
    },
  },
  examples: [
    ['treefile fmt host.yaml', 'Format host.yaml; comments and order stay'],
    ['treefile fmt --check treefiles/*.yaml', 'For CI'],
  ],
  async run({ treefiles, check }, { events }) {
    const problems = new Problems();
    const formatted = treefiles.map((file) => ({ file, ...formatTreefile(file, problems) }));
    // Nothing is written when a file cannot be read.
    problems.throwIfErrors();
    const left = formatted.flatMap(({ file, reason }) => (reason === undefined ? [] : [{ file, reason }]));
    for (const { file, reason } of left) events.warning(`${file} is left as it is: ${reason}`);
    const changed = formatted.filter(({ before, after }) => before !== after);
    if (!check) for (const { file, after } of changed) await replaceText(file, after!);
    const text = changed.map(({ file }) => (check ? `${file} is not formatted` : `formatted ${file}`)).join('\n');
    return {
      document: { kind: 'treefile-fmt', version: 1, changed: changed.map(({ file }) => file), left },
      text,
      exitCode: check && changed.length + left.length > 0 ? 1 : 0,
    };
  },
});

/** A link stays one, and a file keeps its mode. */
async function replaceText(link: string, text: string): Promise<void> {
  const file = await realpath(link);
  await writeFileAtomically(file, text, (await stat(file)).mode & 0o777);
}
