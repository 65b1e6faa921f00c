// Architectures that are nearly the name of one: their packages and includes silently never count.

import { nearestNames } from '../../../lib/near-miss.ts';
import { baseArchitectures } from '../architectures.ts';
import type { FlatTreefile } from '../flatten.ts';
import { archInclude } from '../keys/including.ts';
import { packagesArchitecture } from '../keys.ts';
import { didYouMean, type Problems } from '../problems.ts';
import type { Span } from '../source/source-file.ts';

/** What other distributions, and packages, call them. */
const otherNames: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x64: 'x86_64',
  arm64: 'aarch64',
  i686: 'i386',
  armv7hl: 'armhfp',
};

export function lintArchitectures(flat: FlatTreefile, problems: Problems): void {
  for (const layer of flat.layers) {
    for (const [name, span] of layer.keySpans) {
      const architecture = packagesArchitecture(name);
      if (architecture !== undefined) lintName(architecture, span, problems);
    }
    for (const [architecture, files] of layer.steering(archInclude) ?? []) {
      if (files.length > 0) lintName(architecture, files[0]!.span, problems);
    }
  }
}

function lintName(name: string, span: Span, problems: Problems): void {
  if (baseArchitectures.includes(name)) return;
  const near = Object.hasOwn(otherNames, name) ? [otherNames[name]!] : nearestNames(name, baseArchitectures, 1);
  if (near.length === 0) return;
  problems.warning('architecture', `no build has the base architecture "${name}"`, span, didYouMean(near));
}
