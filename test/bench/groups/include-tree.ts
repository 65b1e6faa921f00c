// A treefile that includes as many files as a grown distribution's does, for measuring how long reading them takes.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const files = 25;
const includesPerFile = 4;

/** Writes the tree of files into the folder, made when missing. Returns the path of the first. */
export async function writeIncludeTree(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < files; index++) await writeFile(join(folder, name(index)), includeTreeFile(index));
  return join(folder, name(0));
}

/** File number `index` (from 0): a node of a tree in which each file includes up to four others. */
function includeTreeFile(index: number): string {
  const included = Array.from({ length: includesPerFile }, (_, child) => index * includesPerFile + child + 1).filter(
    (child) => child < files,
  );
  const packages = Array.from({ length: 20 }, (_, number) => `  - package-${index}-${number}`);
  return [
    ...(index === 0 ? ['ref: bench/host'] : []),
    ...(included.length === 0 ? [] : [`include: [${included.map(name).join(', ')}]`]),
    'packages:',
    ...packages,
    `units: [unit-${index}.service]`,
    `remove-files: [/usr/share/doc/${index}]`,
    'postprocess:',
    '  - |',
    '    #!/bin/sh',
    `    echo ${index} >>/usr/share/bench`,
    'add-commit-metadata:',
    `  bench.file-${index}: ${index}`,
    '',
  ].join('\n');
}

function name(index: number): string {
  return index === 0 ? 'host.yaml' : `part-${index}.yaml`;
}
