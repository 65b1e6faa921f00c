// A treefile on disk -> its text in Slipway's layout.

import { resolve } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { formatYaml } from './format-yaml.ts';
import { Problems } from './problems.ts';
import { plainValue } from './source/node.ts';
import { readSource } from './source/read.ts';

/**
 * YAML keeps its comments and order; JSON is indented by two spaces.
 * @throws DiagnosticsError when the file cannot be read or parsed, UserError `format-kickstart`.
 */
export async function formatTreefileText(file: string): Promise<string> {
  const problems = new Problems();
  const parsed = readSource(resolve(file), file, problems);
  problems.throwIfErrors();
  switch (parsed!.dialect) {
    case 'yaml':
      return formatYaml(parsed!.source.text);
    case 'json':
      return `${JSON.stringify(plainValue(parsed!.root), null, 2)}\n`;
    case 'kickstart':
      throw new UserError('format-kickstart', `${file} is a kickstart file, which has no layout of ours`);
  }
}
