// Manifests in the manner of those that people have.

/** In the manner of the manifests of Fedora CoreOS: streams as variables, one folder of parts, conditions on the release. */
export const coreosStyle = {
  'manifest.yaml': `ref: fedora/\${basearch}/coreos/\${stream}
include: manifests/fedora-coreos.yaml
releasever: 42
variables:
  stream: testing-devel
  prod: false
rojig:
  license: MIT
  name: fedora-coreos
  summary: A host
add-commit-metadata:
  fedora-coreos.stream: \${stream}
repos:
  - fedora-next
lockfile-repos:
  - coreos-pool
`,
  'manifests/fedora-coreos.yaml': `edition: "2024"
include:
  - system.yaml
  - ../overlays.yaml
conditional-include:
  - if: prod == false
    include: unreleased.yaml
  - if:
      - releasever >= 41
      - basearch != "s390x"
    include: [new-release.yaml]
  - if: releasever < 41
    include: gone.yaml
  - if: stream == "testing-devel"
    include:
      postprocess:
        - echo inline
automatic-version-prefix: "\${releasever}.<date:%Y%m%d>.dev"
mutate-os-release: "\${releasever}"
documentation: false
initramfs-args:
  - --no-hostonly
  # Drivers that only desktops need.
  - --omit-drivers
  - nouveau
machineid-compat: true
check-passwd:
  type: "file"
  filename: "passwd"
ignore-removed-users:
  - root
etc-group-members:
  - wheel
  - sudo
packages:
  # Several on a line
  - kernel systemd   rpm-ostree
packages-x86_64:
  - irqbalance
packages-ppc64le:
  - irqbalance librtas
remove-from-packages:
  # Hand-written
  - - systemd
    - /usr/lib/systemd/system/.*dnf.*
  - [cracklib-dicts, .*]
exclude-packages:
  - dnf
  - grubby
postprocess:
  - |
    #!/usr/bin/env bash
    set -xeuo pipefail
    echo last
`,
  'manifests/passwd': 'root:x:0:0::/root:/bin/bash\n',
  'manifests/system.yaml':
    'packages:\n  - bash\npostprocess:\n  - echo system\nrepo-packages:\n  - repo: fedora-next\n    packages:\n      - ignition\n',
  'manifests/unreleased.yaml': 'repos:\n  - fedora-next-updates\n',
  'manifests/new-release.yaml': 'packages: [composefs]\n',
  'overlays.yaml': 'ostree-layers:\n  - overlay/05core\n',
};

/** A host definition as they were in 2015, with legacy spellings and a comment. */
export const atomicHost = {
  comment: 'how it was done',
  ref: 'centos-atomic-host/7/x86_64/standard',
  repos: ['centos-atomic', 'base'],
  selinux: true,
  bootstrap_packages: ['filesystem'],
  automatic_version_prefix: '7',
  boot_location: 'new',
  default_target: 'multi-user.target',
  'postprocess-script': 'treecompose-post.sh',
  'etc-group-members': ['wheel', 'docker'],
  'ignore-removed-users': ['root'],
  'check-passwd': { type: 'data', entries: { root: 0, bin: 1, dockerroot: 986 } },
  packages: ['kernel', 'docker kubernetes'],
  'packages-x86_64': ['grub2'],
  units: ['docker.service'],
  'remove-files': ['usr/share/info'],
};
