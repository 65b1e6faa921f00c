// The deployments of the host, read from `ostree admin status`. (Its --json came with libostree 2025.3; Debian 13 has 2025.2.)

import { run } from '../run.ts';

export interface Deployment {
  /** Place in the list: the number that `ostree admin` takes. A staged deployment comes first. */
  readonly index: number;
  readonly osname: string;
  readonly checksum: string;
  readonly serial: number;
  /** The commit's `version`, or null. */
  readonly version: string | null;
  /** `REMOTE:REF`, or a bare checksum, or null when there is none. */
  readonly origin: string | null;
  readonly booted: boolean;
  /** Not yet written to the boot loader: that happens at shutdown. */
  readonly staged: boolean;
  readonly pinned: boolean;
  readonly unlocked: 'none' | 'development' | 'hotfix' | 'transient';
}

export const statusArgv: readonly string[] = ['ostree', 'admin', 'status'];

/** Reads the deployments in boot order: the first that is not staged is the default of the boot loader. */
export async function readDeployments(signal?: AbortSignal): Promise<readonly Deployment[]> {
  return parseDeployments(await run(statusArgv, signal === undefined ? {} : { signal }));
}

/** `* OSNAME CHECKSUM.SERIAL (mark) (mark)`, each followed by indented `Key: value` lines. Unknown lines are passed over. */
export function parseDeployments(text: string): Deployment[] {
  const deployments: Mutable<Deployment>[] = [];
  for (const line of text.split('\n')) {
    const head = /^([* ]) (\S+) ([0-9a-f]{64})\.(\d+)((?: \([^)]*\))*)$/.exec(line);
    if (head !== null) {
      const [, mark, osname = '', checksum = '', serial, notes = ''] = head;
      deployments.push({
        index: deployments.length,
        osname,
        checksum,
        serial: Number(serial),
        version: null,
        origin: null,
        booted: mark === '*',
        staged: notes.includes('(staged)'),
        pinned: false,
        unlocked: 'none',
      });
      continue;
    }
    const detail = /^ {4}([A-Za-z ]+): (.*)$/.exec(line);
    const deployment = deployments.at(-1);
    if (detail !== null && deployment !== undefined) addDetail(deployment, detail[1]!, detail[2]!);
  }
  return deployments;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function addDetail(deployment: Mutable<Deployment>, key: string, value: string): void {
  if (key === 'Version') deployment.version = value;
  else if (key === 'origin refspec') deployment.origin = value;
  else if (key === 'Pinned') deployment.pinned = value === 'yes';
  else if (key === 'Unlocked' && (value === 'development' || value === 'hotfix' || value === 'transient')) {
    deployment.unlocked = value;
  }
}
