// The prose of docs/treefile.md in front of the keys: what concerns the language as a whole.

export const introduction = `A treefile says which packages and settings make an OSTree commit. Slipway reads the treefiles and manifests of rpm-ostree with the same
meaning, and adds a few keys of its own, marked below.

## Files

- Names that end in \`.yaml\` or \`.yml\` are YAML, \`.ks\` is a kickstart package list (\`%packages\`, \`%include\`), everything else is JSON. What a
  kickstart file includes is kickstart too, whatever its name, and is looked for in the folder of the first one.
- A key that does not exist is an error in YAML. JSON ignores it, with a warning when it is nearly a key, so that comments can be keys. A key without a
  value counts as not written.
- Text that YAML would take for a number or a boolean must be quoted: \`automatic-version-prefix: "22.1"\`.
- Beside the treefile lie the \`.repo\` files, files named by \`add-files\`, \`postprocess-script\`, \`check-passwd\`, and \`finalize.d/\`. Names are
  relative to the file that says them.

## Merging

| form | rule |
|---|---|
| single values | the file itself, then its first include with all of its includes, then the second, … |
| lists | included items come before the includer's; \`include: [A, B]\` gives B, A, the file itself |
| sets (\`packages\`, \`ignore-removed-*\`) | all files together, sorted |
| mappings | name by name; the includer's member stands |
| \`repo-packages\` | one list; a package belongs to the last entry that names it |
| \`finalize.d/\` | by file name; here the included file's script replaces the includer's |

The order of includes is \`include\`, \`arch-include\`, then \`conditional-include\`; up to 50 deep. A file that is reached on two ways counts once. A
treefile written inline in \`conditional-include\` is merged before the included files; its items of \`packages\` are not split, its \`edition\` sets no
defaults, and includes, variables and \`packages-ARCH\` have no effect in it.

## Variables

\`\${name}\` is put into \`ref\`, \`automatic-version-prefix\`, \`mutate-os-release\`, \`platform-module\`, the texts of \`rojig\`, and top-level texts of
\`metadata\` and \`add-commit-metadata\`, once, after merging. A name that nobody defines stays as it is. \`postprocess\` scripts see each variable as
\`SLIPWAY_VAR_name\` in their environment.

\`packages-ARCH\` (e.g. \`packages-x86_64\`) is \`packages\` for one base architecture.

## Lockfiles

Slipway reads rpm-ostree's lockfiles (JSON or YAML; \`evra\` or \`evr\`, optional \`digest\`) and its own package lock, which is keyed by name and
architecture. Of several files a later one replaces what earlier ones say about a name; in the package lock \`noarch\` and another architecture replace
each other too, two others do not. Strict: nothing but locked packages exists. Relaxed: names that
are not locked resolve freely. A locked package that no repository has is an error with the nearest versions; in relaxed mode it is a warning when
nothing needs the package.

## Commands

| \`slipway treefile …\` | |
|---|---|
| \`show FILE\` | merges, and prints what \`rpm-ostree compose tree --print-only\` prints; \`basearch\` and \`packages\` are always there |
| \`explain FILE KEY\` | which line wrote a value, through which includes and conditions, and which line overrides or removes it; also \`metadata.license\`, \`check-passwd.entries\`, \`packages-x86_64\`, \`variables.stream\` |
| \`explain FILE PACKAGE\` | which line asks for a package, or which packages require it and which line asks for those; \`--lockfile\` describes the tree that is composed with it |
| \`explain FILE /PATH\` | which line adds or removes a path, or which package brings it |
| \`lint FILE…\` | all problems and smells; status 1 for errors, with \`--strict\` for warnings too |
| \`graph FILE\` | the includes as text, DOT or SVG; a loop or a file that cannot be read is drawn as such, with status 1 |
| \`diff A B\` | what two treefiles compose differently, after merging, with \`repovars\` and the variables that scripts read |
| \`fmt FILE…\` | one layout; comments, order and the spelling of values stay. \`--check\` changes nothing and ends with status 1 for a file that is not formatted or cannot be |
| \`schema\` | the JSON Schema for editors; with \`--docs\` this page |

With \`--json\` each prints one document; what \`lint\` and \`graph\` find is in its \`diagnostics\`, what ends a command in \`error.diagnostics\`.`;
