// Keys that steer the reading: other files, variables, and what not to take from them.

import { steering } from '../declare.ts';
import { listOf, located, mapOf } from '../types/collections.ts';
import {
  conditionalInclude as conditionalIncludeItem,
  includeFiles,
  removals,
  variableValue,
} from '../types/treefile-values.ts';
import { basearch, releasever } from './identity.ts';

export const include = steering({
  name: 'include',
  type: includeFiles,
  docs: 'Treefiles to build on; names are relative to the including file. What this file says wins; lists of included files come before its own. With `[a.yaml, b.yaml]` lists come in the order b, a, this file, and of two single values that of a wins. A file reached on two ways counts once.',
  example: 'include:\n  - base.yaml\n  - kernel.yaml',
});

export const archInclude = steering({
  name: 'arch-include',
  type: mapOf(includeFiles, 'a mapping from architectures to treefile names'),
  docs: 'Treefiles to include on one base architecture only; they come after those of `include`.',
  example: 'arch-include:\n  x86_64: bootloader-x86_64.yaml\n  aarch64: [bootloader-aarch64.yaml]',
});

export const conditionalInclude = steering({
  name: 'conditional-include',
  type: listOf(conditionalIncludeItem, 'a list of mappings with "if" and "include"', 'leave-out'),
  docs: 'Treefiles to include when all conditions of `if` hold; an empty list of conditions holds. A condition is `variable operator value` with `==`, `!=`, `>`, `>=`, `<`, `<=` and a value `true`, `false`, a number or a text in double quotes. `include` may also be a treefile written right there (without includes, variables or `packages-ARCH` of its own). A condition sees the variables of its file, of the files that led to it and of files read before.',
  example:
    'conditional-include:\n  - if: releasever >= 40\n    include: new.yaml\n  - if: [stream == "testing", debug == true]\n    include:\n      packages: [gdb]',
});

export const variables = steering({
  name: 'variables',
  type: mapOf(located(variableValue), undefined, [basearch.name, releasever.name]),
  docs: `Values for conditions, for \`\${name}\` in the keys that allow it, and for \`postprocess\` scripts, which see them as environment variables \`SLIPWAY_VAR_name\`. The definition nearest to the first file wins. \`basearch\` and \`releasever\` are always there and cannot be set here.`,
  example: 'variables:\n  stream: testing\n  debug: false',
});

export const removeInherited = steering({
  name: 'remove-inherited',
  from: 'slipway',
  type: removals,
  docs: 'Takes members out of lists and mappings that included files brought: by value for lists of names, by destination for `add-files`, by package for `remove-from-packages`, by repository for `repo-packages`, by name for mappings. What this file itself lists stays.',
  example: 'remove-inherited:\n  packages: [nano]\n  units: [cups.socket]',
});
