// An SELinux policy as a package, with just so much in it that ostree takes labels from it.

import type { MiniPackage } from './mini-distribution.ts';

/** file_contexts(5); what comes last goes before the others. */
export const fileContexts = `/.*\tsystem_u:object_r:default_t:s0
/usr/.*\tsystem_u:object_r:usr_t:s0
/usr/bin/.*\t--\tsystem_u:object_r:bin_t:s0
`;

export function selinuxPolicy(contexts = fileContexts): MiniPackage {
  return {
    name: 'selinux-policy-mini',
    files: [
      { type: 'file', path: '/etc/selinux/config', content: 'SELINUX=enforcing\nSELINUXTYPE=mini\n' },
      { type: 'file', path: '/etc/selinux/mini/policy/policy.33', content: 'compiled' },
      { type: 'file', path: '/etc/selinux/mini/contexts/files/file_contexts', content: contexts },
    ],
  };
}
