// Keys of rpm-ostree's client side. They change a host that already runs; in a compose they are refused with the reason.

import { refused } from '../declare.ts';

export const refusedKeys = [
  refused('base-refspec', 'it names the commit that a host changes, and a compose starts from packages'),
  refused('container-image-reference', 'it names the image that a host changes, and a compose starts from packages'),
  refused(
    'packages-local',
    'packages from files are layered on a host; put them into a repository and list them in packages',
  ),
  refused('packages-local-fileoverride', 'packages from files are layered on a host; put them into a repository'),
  refused('override-remove', 'it removes packages from a base commit; use exclude-packages'),
  refused(
    'ex-override-replace',
    'it replaces packages of a base commit; use repo-packages to take them from one repository',
  ),
  refused('override-replace-local', 'it replaces packages of a base commit; put the new ones into a repository'),
  refused('initramfs', "it describes a host's own initramfs; use initramfs-args"),
  refused('custom', "it names a host's own origin; use metadata"),
  refused('override-commit', 'it pins a host to a commit; a compose makes new ones'),
  refused('unconfigured-state', 'it tells a host why it cannot be upgraded; a compose has no such state'),
];
