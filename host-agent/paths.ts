// Every place in the host's file system that the agent touches.

import { join } from 'node:path';

export interface HostPaths {
  /** Where the daemon listens. */
  readonly socket: string;
  /** What the daemon was doing: gone after a reboot, because then only ostree's own state counts. */
  readonly stateFile: string;
  /** How this boot was judged; its presence says that it was. */
  readonly bootVerdict: string;
  /** Deployments that did not start: kept over reboots and upgrades. */
  readonly failedDeployments: string;
  /** The partition with GRUB's environment block. */
  readonly bootEnvironment: string;
  /** The repository that ostree deploys from. */
  readonly repo: string;
  /** libostree's record of a deployment that waits for the shutdown. */
  readonly stagedDeployment: string;
  /** Later folders win. */
  readonly configFolders: readonly string[];
  readonly healthFolders: readonly string[];
}

/** The agent's paths below `root`; tests give a folder of their own. */
export function hostPaths(root = '/'): HostPaths {
  const at = (path: string): string => join(root, path);
  return {
    socket: at('run/slipway/host.sock'),
    stateFile: at('run/slipway/host-state.json'),
    bootVerdict: at('run/slipway/boot-verdict.json'),
    failedDeployments: at('var/lib/slipway/failed-deployments.json'),
    bootEnvironment: at('dev/disk/by-partlabel/bootenv'),
    repo: at('ostree/repo'),
    stagedDeployment: at('run/ostree/staged-deployment'),
    configFolders: [at('usr/lib/slipway/host.d'), at('etc/slipway/host.d')],
    healthFolders: [at('usr/lib/slipway/health.d'), at('etc/slipway/health.d')],
  };
}
