// A treefile on disk -> its text in Slipway's layout.

import { resolve } from 'node:path';
import { formatJson } from './format-json.ts';
import { formatYaml } from './format-yaml.ts';
import type { Problems } from './problems.ts';
import { readSource } from './source/read.ts';

/** A file's text before and after. The text stays as it is where there is a reason why it cannot be laid out. */
export interface FormattedFile {
  readonly before: string;
  readonly after: string;
  readonly reason?: string;
}

/**
 * YAML keeps its comments and order, JSON the spelling of its values.
 * @returns undefined after reporting that the file cannot be read or parsed, or is a kickstart file.
 */
export function formatTreefile(file: string, problems: Problems): FormattedFile | undefined {
  const parsed = readSource(resolve(file), file, problems);
  if (parsed === undefined) return undefined;
  const before = parsed.source.text;
  switch (parsed.dialect) {
    case 'yaml': {
      const formatted = formatYaml(before);
      return 'text' in formatted ? { before, after: formatted.text } : { before, after: before, ...formatted };
    }
    case 'json':
      return { before, after: formatJson(parsed.root) };
    case 'kickstart':
      problems.error('format-kickstart', `${file} is a kickstart file, which has no layout of ours`);
      return undefined;
  }
}
