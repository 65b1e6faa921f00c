// Keys that say which packages, from where, and with how much of their content.

import { list, map, scalar, set } from '../declare.ts';
import { flag, text } from '../types/scalars.ts';
import { ignoredScriptlet, repoPackages as repoPackagesItem } from '../types/treefile-values.ts';
import { basearch, releasever } from './identity.ts';

const repoId = text({
  words: 'the id of a repository',
  allowed: {
    pattern: /^[\w.:-]+$/,
    refusal: (value) => `"${value}" cannot be a repository id: use letters, digits, "-", "_", "." and ":"`,
  },
});
const packageRequest = text({ words: 'a package' });

export const packages = set({
  name: 'packages',
  item: packageRequest,
  splitWords: true,
  nameOf: (item) => item,
  docs: 'Packages to install: names, globs, NEVRAs, provides, file paths, rich dependencies. An item may hold several, separated by spaces; a request with spaces is put in single quotes: `"\'podman >= 4.1\'"`. Lists of all files are united.',
  example: 'packages:\n  - systemd openssh-server\n  - "\'podman >= 4.1\'"',
});

export const bootstrapPackages = set({
  name: 'bootstrap-packages',
  legacyName: 'bootstrap_packages',
  item: packageRequest,
  splitWords: true,
  foldInto: 'packages',
  deprecated: 'write the packages into packages',
  docs: 'The same as `packages`.',
  example: 'bootstrap-packages: [filesystem]',
});

export const excludePackages = list({
  name: 'exclude-packages',
  item: packageRequest,
  nameOf: (item) => item,
  docs: 'Packages that must not get in. A recommendation of one is dropped; a package that needs one cannot be installed, and that is an error.',
  example: 'exclude-packages: [dnf, yum]',
});

export const repoPackages = list({
  name: 'repo-packages',
  item: repoPackagesItem,
  splitField: 'packages',
  nameOf: (item) => item.repo,
  docs: 'Packages that must come from a certain repository, whatever others offer; an item may hold several, as in `packages`. A package named twice belongs to the later entry; an entry left with none is dropped. Names here are installed as well.',
  example: 'repo-packages:\n  - repo: updates-testing\n    packages: [podman, crun]',
});

export const repos = list({
  name: 'repos',
  item: repoId,
  nameOf: (item) => item,
  docs: 'Ids of the repositories to use; all others are off. They are looked for in the `.repo` files beside the treefile, then beside the included file that names them.',
  example: 'repos: [fedora, updates]',
});

export const lockfileRepos = list({
  name: 'lockfile-repos',
  item: repoId,
  nameOf: (item) => item,
  experimental: true,
  docs: 'Repositories that are used only when there is a lockfile; of them only the locked packages can be seen.',
  example: 'lockfile-repos: [coreos-pool]',
});

export const repovars = map({
  name: 'repovars',
  member: text(),
  reserved: [basearch.name, releasever.name],
  experimental: true,
  docs: 'Variables for `.repo` files, as `/etc/dnf/vars` would give them. `basearch` and `releasever` cannot be set here.',
  example: 'repovars:\n  mirror: mirror.example.com',
});

export const recommends = scalar({
  name: 'recommends',
  type: flag,
  default: true,
  docs: 'Whether recommended packages (weak dependencies) are installed too.',
  example: 'recommends: false',
});

export const documentation = scalar({
  name: 'documentation',
  type: flag,
  default: true,
  docs: 'Whether files that packages mark as documentation are installed.',
  example: 'documentation: false',
});

export const installLangs = list({
  name: 'install-langs',
  item: text({ words: 'a language' }),
  nameOf: (item) => item,
  docs: 'Languages whose translations are installed; all when nothing is listed.',
  example: 'install-langs: [en_US, de]',
});

export const ignoreScriptlets = list({
  name: 'ignore-scriptlets',
  from: 'slipway',
  item: ignoredScriptlet,
  nameOf: (item) => `${item.package} ${item.scriptlet}`,
  docs: 'Scriptlets that may fail, or that Slipway cannot run, each with the reason why that does no harm. Such a failure is a warning with the reason; any other ends the compose. With `run: false` it is not even tried: for a `%posttrans` of a kernel that would make an initramfs, or set up a boot loader, which is done later. A `%triggerprein` is never run, and one that is due has to be listed.',
  example:
    'ignore-scriptlets:\n  - package: nfs-utils\n    scriptlet: post\n    reason: it asks a running system, https://bugs.example.com/1234\n  - package: kernel-core\n    scriptlet: posttrans\n    run: false\n    reason: Slipway makes the initramfs itself',
});

export const platformModule = scalar({
  name: 'platform-module',
  merge: 'top-level',
  type: text(),
  substituted: true,
  docs: 'Platform id for modular repositories. Only the first file can set it.',
  example: 'platform-module: platform:el9',
});

export const ostreeLayers = list({
  name: 'ostree-layers',
  item: text({ words: 'the name of an OSTree branch' }),
  nameOf: (item) => item,
  docs: 'OSTree branches of the target repository whose content is laid over the packages, before any script runs. A file that a package has too is an error.',
  example: 'ostree-layers: [overlay/10-config]',
});

export const ostreeOverrideLayers = list({
  name: 'ostree-override-layers',
  item: text({ words: 'the name of an OSTree branch' }),
  nameOf: (item) => item,
  docs: 'As `ostree-layers`, but these replace files without asking; for development builds.',
  example: 'ostree-override-layers: [overlay/dev]',
});
