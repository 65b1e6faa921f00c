// What the treefile commands share: their arguments and how warnings reach the terminal.

import { type Diagnostic, formatDiagnostic } from '../../../lib/diagnostics.ts';
import type { Events } from '../../../lib/events.ts';

export const treefilePositional = {
  treefile: { type: 'string', describe: 'The treefile (YAML, JSON or kickstart)', demandOption: true },
} as const;

export const archOption = {
  arch: { type: 'string', describe: 'RPM base architecture to read it for; default: that of this machine' },
} as const;

/** Emits warnings with their places; notes are for `lint` only. */
export function emitWarnings(diagnostics: readonly Diagnostic[], events: Events): void {
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity !== 'warning') continue;
    // The view says "warning:" itself.
    events.warning(formatDiagnostic(diagnostic).replace(/^warning\[[\w-]+\]: /, ''));
  }
}

/** Options of the engine from those of the command line. */
export function flattenOptions(arch: string | undefined): { arch?: string } {
  return arch === undefined ? {} : { arch };
}
