// `slipway treefile lint`: all problems and smells of treefiles.

import { lintTreefile } from '../../../compose/treefile/lint.ts';
import { type Diagnostic, formatDiagnostic, sortDiagnostics } from '../../../lib/diagnostics.ts';
import { archOption } from '../../arch-option.ts';
import { defineCommand } from '../../command.ts';
import { flattenOptions } from './common.ts';

export const command = defineCommand({
  positionals: {
    treefiles: { type: 'string', array: true, describe: 'The treefiles, each with its includes', demandOption: true },
  },
  options: {
    ...archOption,
    strict: { type: 'boolean', describe: 'Fail for warnings too', default: false },
  },
  examples: [
    ['treefile lint host.yaml', 'Check host.yaml and all that it includes'],
    ['treefile lint --strict treefiles/*.yaml', 'Accept no warning either'],
  ],
  async run({ treefiles, arch, strict }) {
    const found: Diagnostic[] = [];
    for (const treefile of treefiles) found.push(...(await lintTreefile(treefile, flattenOptions(arch))));
    const diagnostics = sortDiagnostics(found);
    const count = (severity: Diagnostic['severity']): number =>
      diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    const [errors, warnings, notes] = [count('error'), count('warning'), count('note')];
    const ok = errors === 0 && (!strict || warnings === 0);
    const summary = [counted(errors, 'error'), counted(warnings, 'warning'), counted(notes, 'note')].join(', ');
    return {
      document: { kind: 'treefile-lint', version: 1, ok, errors, warnings, notes, diagnostics },
      text: [...diagnostics.map(formatDiagnostic), summary].join('\n\n'),
      exitCode: ok ? 0 : 1,
    };
  },
});

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
