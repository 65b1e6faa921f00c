// Keys that change files of the tree: scripts, files added, files removed.

import { list, scalar } from '../declare.ts';
import { treePath } from '../tree-path.ts';
import { tupleOf } from '../types/collections.ts';
import { text } from '../types/scalars.ts';

export const postprocess = list({
  name: 'postprocess',
  item: text({ words: 'a script' }),
  docs: `Scripts run inside the finished tree, without network. Those of included files run first: with \`include: [kernel.yaml, bootupd.yaml]\` the order is bootupd, kernel, this file. \`\${name}\` is left to the shell; the variables of the treefile are in the environment as \`SLIPWAY_VAR_name\`.`,
  example: 'postprocess:\n  - |\n    #!/bin/bash\n    set -eu\n    echo "$SLIPWAY_VAR_stream" > /usr/share/stream',
});

export const postprocessScript = scalar({
  name: 'postprocess-script',
  type: text({ words: 'the name of a file' }),
  docs: 'An executable file beside the treefile that is run in the tree after all `postprocess` scripts.',
  example: 'postprocess-script: finish.sh',
});

export const addFiles = list({
  name: 'add-files',
  item: tupleOf('a pair [source, destination]', 2, 2),
  nameOf: (item) => treePath(item[1]!),
  docs: 'Files to copy into the tree: `[source, destination]`. A source is a name relative to the file that lists it; the destination lies below `usr` (not `usr/local`), `etc`, `bin`, `sbin`, `lib` or `lib64`. A source that is a directory is copied with all that is in it, and may go to `/etc` or another of these itself. A source with `*`, `?` or `[…]` that is not itself a file stands for everything that matches, directories with all that is in them, and the destination is then a directory; with `**` only files count, and no two may have the same name.',
  example:
    'add-files:\n  - [sshd.conf, /etc/ssh/sshd_config.d/10-host.conf]\n  - [overlay/etc, /etc]\n  - ["units/*.service", /usr/lib/systemd/system]',
});

export const removeFiles = list({
  name: 'remove-files',
  item: text({
    words: 'a path in the tree',
    allowed: {
      pattern: /^(?!(.*\/)?\.\.(\/|$))/,
      refusal: (value) => `"${value}" leaves the tree: ".." is not allowed`,
    },
  }),
  nameOf: treePath,
  docs: 'Files and directories to delete from the tree, relative to its root.',
  example: 'remove-files: [usr/share/info]',
});

export const removeFromPackages = list({
  name: 'remove-from-packages',
  item: tupleOf('a list [package, pattern, …]', 2, Infinity),
  nameOf: (item) => item[0]!,
  docs: 'Files to leave out of a package: its name, then regular expressions over absolute paths that are matched from the start to the end.',
  example: 'remove-from-packages:\n  - [fedora-release, "/etc/issue.*"]',
});
