// Which variables the scripts of a treefile read: those that their text names as SLIPWAY_VAR_name.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { listFinalizeScripts } from './companion-files.ts';
import { postprocess, postprocessScript } from './keys/files.ts';
import type { Layer } from './layer.ts';
import { variablePrefix } from './script-environment.ts';

/** Names in the inline scripts, the `postprocess-script` and the `finalize.d` of all layers; files that cannot be read name none. */
export async function scriptVariables(layers: readonly Layer[]): Promise<Set<string>> {
  const inline = layers.flatMap(({ values }) => (values.list(postprocess) ?? []).map(({ value }) => value));
  const files = layers.flatMap(({ info, values }) => {
    const script = values.scalar(postprocessScript);
    return script === undefined ? [] : [resolve(info.directory, script.value)];
  });
  files.push(...(await listFinalizeScripts(layers)));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  const named = [...inline, ...texts].flatMap((text) => [...text.matchAll(mention)].map(([, name]) => name!));
  return new Set(named);
}

const mention = new RegExp(`${variablePrefix}(\\w+)`, 'g');
