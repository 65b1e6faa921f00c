// `slipway treefile fmt`: brings treefiles into one layout.

import { readFile, realpath, stat } from 'node:fs/promises';
import { formatTreefileText } from '../../../compose/treefile/format.ts';
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
    check: { type: 'boolean', describe: 'Change nothing; fail when a file is not formatted', default: false },
  },
  examples: [
    ['treefile fmt host.yaml', 'Format host.yaml; comments and order stay'],
    ['treefile fmt --check treefiles/*.yaml', 'For CI'],
  ],
  async run({ treefiles, check }) {
    const changed: string[] = [];
    for (const treefile of treefiles) {
      const formatted = await formatTreefileText(treefile);
      if (formatted === (await readFile(treefile, 'utf8'))) continue;
      changed.push(treefile);
      if (check) continue;
      // A link stays one, and a file keeps its mode.
      const file = await realpath(treefile);
      await writeFileAtomically(file, formatted, (await stat(file)).mode & 0o777);
    }
    const text = changed.map((file) => (check ? `${file} is not formatted` : `formatted ${file}`)).join('\n');
    return {
      document: { kind: 'treefile-fmt', version: 1, changed },
      text,
      exitCode: check && changed.length > 0 ? 1 : 0,
    };
  },
});
