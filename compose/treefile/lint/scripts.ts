// Smells of postprocess scripts.

import type { FlatTreefile } from '../flatten.ts';
import { postprocess } from '../keys/files.ts';
import type { Problems } from '../problems.ts';

export function lintScripts(flat: FlatTreefile, problems: Problems): void {
  for (const { values } of flat.layers) {
    for (const { value, span } of values.list(postprocess) ?? []) {
      const [first = ''] = value.split('\n');
      const commands = value.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
      if (!isShell(first) || commands.length < 2 || stopsOnErrors(value)) continue;
      problems.warning('unchecked-script', 'this script goes on when a command fails', span, 'begin it with: set -eu');
    }
  }
}

/** A script without an interpreter line is run by the shell. */
function isShell(firstLine: string): boolean {
  return !firstLine.startsWith('#!') || /\b(ba|da|k|z)?sh\b/.test(firstLine);
}

function stopsOnErrors(script: string): boolean {
  return /^#!.*\s-\w*e/.test(script) || /^\s*set\s+(-\w*e|.*\berrexit\b)/m.test(script);
}
