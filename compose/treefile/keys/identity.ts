// Keys that say what the commit is called and which version it has.

import { map, scalar } from '../declare.ts';
import { anything } from '../types/collections.ts';
import { oneOf, text } from '../types/scalars.ts';
import { release, rojig as rojigType } from '../types/treefile-values.ts';

/** The rules of `ostree_validate_rev()`: words of letters, digits, `-._`, joined by slashes. Variables are put in later; the merged ref is checked again. */
const branch = {
  pattern: /^(?![.-])([\w.-]|\$\{[^}]*\})+(\/(?![.-])([\w.-]|\$\{[^}]*\})+)*$/,
  refusal: (value: string) =>
    `"${value}" cannot be an OSTree branch: use letters, digits, "-", "_" and "." in parts joined by "/"`,
};

export const ref = scalar({
  name: 'ref',
  type: text({ words: 'the name of an OSTree branch', allowed: branch }),
  substituted: true,
  docs: 'The OSTree branch that the commit is written to. Every compose needs one.',
  example: `ref: sample/\${basearch}/container-host`,
});

export const edition = scalar({
  name: 'edition',
  type: oneOf(['2014', '2024']),
  default: '2014',
  docs: 'Which set of defaults holds. `"2024"` sets `boot-location: modules` and `tmp-is-dir: true` in the file that says so, unless that file sets them itself.',
  example: 'edition: "2024"',
});

export const basearch = scalar({
  name: 'basearch',
  type: text({ words: 'an RPM base architecture' }),
  docs: 'The RPM base architecture that this treefile is for, e.g. `x86_64`. A compose for another one is refused. Without it the treefile follows the build.',
  example: 'basearch: x86_64',
});

export const releasever = scalar({
  name: 'releasever',
  type: release,
  docs: 'The release of the distribution: `$releasever` in `.repo` files and the variable `releasever`. A number and a string are different values in conditions (`40` is not `"40"`).',
  example: 'releasever: 40',
});

export const automaticVersionPrefix = scalar({
  name: 'automatic-version-prefix',
  type: text(),
  legacyName: 'automatic_version_prefix',
  substituted: true,
  docs: 'Makes versions by counting: prefix `22` gives 22, 22.1, 22.2; `22.<date:%Y>` gives 22.2026.0, 22.2026.1 (UTC, strftime). The counter follows the previous commit of the same ref.',
  example: `automatic-version-prefix: "\${releasever}.<date:%Y%m%d>"`,
});

export const automaticVersionSuffix = scalar({
  name: 'automatic-version-suffix',
  type: text({
    words: 'one ASCII character',
    allowed: {
      pattern: /^[\x20-\x7e]$/,
      refusal: (value) => `"${value}" cannot be the suffix: it must be exactly one ASCII character`,
    },
  }),
  default: '.',
  docs: 'The character between the version prefix and the counter.',
  example: 'automatic-version-suffix: "-"',
});

export const mutateOsRelease = scalar({
  name: 'mutate-os-release',
  type: text(),
  substituted: true,
  docs: "This text is replaced by the commit's version in `VERSION` and `PRETTY_NAME` of `os-release`, and `OSTREE_VERSION=` is added.",
  example: `mutate-os-release: "\${releasever}"`,
});

export const metadata = map({
  name: 'metadata',
  member: anything,
  substituted: true,
  docs: 'Free data that other tools read from the treefile. Slipway carries it along and does not look at it; it does not count as an input of the compose.',
  example: 'metadata:\n  license: MIT\n  summary: Container host',
});

export const rojig = scalar({
  name: 'rojig',
  type: rojigType,
  substituted: ['name', 'summary', 'description'],
  deprecated: 'the feature is gone from rpm-ostree; use metadata for names that other tools read',
  docs: 'Name, summary and license of a format that no longer exists; still read because tools take the product name from it.',
  example: 'rojig:\n  name: sample-host\n  summary: Container host\n  license: MIT',
});
