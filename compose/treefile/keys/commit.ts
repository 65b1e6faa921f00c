// Keys that say what the commit carries beside the tree.

import { map, scalar } from '../declare.ts';
import { anything, listOf } from '../types/collections.ts';
import { oneOf, text } from '../types/scalars.ts';

export const addCommitMetadata = map({
  name: 'add-commit-metadata',
  member: anything,
  substituted: true,
  docs: 'Metadata of the commit, of the lowest priority: what the command line gives wins.',
  example: `add-commit-metadata:\n  com.example.stream: "\${stream}"`,
});

export const repoMetadata = scalar({
  name: 'repo-metadata',
  type: oneOf(['inline', 'detached', 'disabled']),
  default: 'inline',
  docs: 'Where the commit keeps what is known about its repositories: in its metadata (only their ids, so that the same packages give the same commit), in its detached metadata (also in which state they were), or nowhere.',
  example: 'repo-metadata: detached',
});

export const advisoriesMetadata = scalar({
  name: 'advisories-metadata',
  type: oneOf(['inline', 'detached', 'disabled']),
  default: 'inline',
  docs: 'Where the commit keeps the security advisories that its packages fix, as `updateinfo` of the repositories tells them: in its metadata, in its detached metadata (where new advisories of the same packages do not change the commit), or nowhere; then the repositories are not asked for them.',
  example: 'advisories-metadata: detached',
});

export const gpgKey = scalar({
  name: 'gpg-key',
  type: text({ words: 'the id of a GPG key' }),
  legacyName: 'gpg_key',
  docs: 'GPG key that signs the commit, from the keyring of whoever composes (`GNUPGHOME`, else `~/.gnupg`). The signature stands beside the commit, so the key does not count as an input of the compose.',
  example: 'gpg-key: 0123ABCD',
});

export const containerCmd = scalar({
  name: 'container-cmd',
  type: listOf(text(), 'a list of strings'),
  docs: 'Default command when the commit becomes a container image.',
  example: 'container-cmd: [/usr/bin/bash]',
});
