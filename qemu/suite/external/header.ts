// The declaration in the head of a script: `# kola: {json}` on one line, or a block of `## ` lines with YAML under `## kola:`.

import type { ParseResult } from '../../../compose/treefile/source/node.ts';
import { parseText } from '../../../compose/treefile/source/read.ts';
import { SourceFile } from '../../../compose/treefile/source/source-file.ts';

const jsonLine = /^# kola:[ \t]*(.*)$/m;
const yamlBlock = /^## kola:[ \t]*\n((?:##(?:[ \t].*)?(?:\n|$))*)/m;

/**
 * Finds and parses the declaration of a script; undefined when it has none. Offsets of the result are those of `text`.
 * The rest of the text is blanked out rather than cut away, so that problems can be shown where they stand.
 */
export function parseHeader(path: string, text: string): ParseResult | undefined {
  const yaml = yamlBlock.exec(text);
  if (yaml !== null) {
    const start = yaml.index + yaml[0].length - yaml[1]!.length;
    const block = yaml[1]!.replace(/^##/gm, '  ');
    return parseText(new SourceFile(path, blankBefore(text, start) + block), 'yaml');
  }
  const json = jsonLine.exec(text);
  if (json === null) return undefined;
  const start = json.index + json[0].length - json[1]!.length;
  return parseText(new SourceFile(path, blankBefore(text, start) + json[1]), 'json');
}

function blankBefore(text: string, end: number): string {
  return text.slice(0, end).replace(/[^\n]/g, ' ');
}
