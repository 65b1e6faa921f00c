// What the remote offers: fetches the newest commit object of the origin's ref (under 1 KiB, signatures checked as the remote says), no content.

import { UserError } from '../../lib/errors.ts';
import { run } from '../run.ts';

export interface Origin {
  readonly remote: string;
  readonly ref: string;
}

export function pullMetadataArgv(origin: Origin): readonly string[] {
  return ['ostree', 'pull', '--commit-metadata-only', origin.remote, origin.ref];
}

export function revParseArgv(origin: Origin): readonly string[] {
  return ['ostree', 'rev-parse', `${origin.remote}:${origin.ref}`];
}

/** The checksum of the newest commit. */
export async function fetchNewest(origin: Origin, signal: AbortSignal): Promise<string> {
  await run(pullMetadataArgv(origin), { signal });
  return (await run(revParseArgv(origin), { signal })).trim();
}

/** @throws UserError `no-origin` when the deployment follows no remote. */
export function parseOrigin(refspec: string | null): Origin {
  const [, remote, ref] = /^([^:]+):(.+)$/.exec(refspec ?? '') ?? [];
  if (remote !== undefined && ref !== undefined) return { remote, ref };
  throw new UserError(
    'no-origin',
    refspec === null ? 'the booted deployment has no origin' : `the booted deployment follows ${refspec}, not a remote`,
    { hint: 'name one with `ostree admin set-origin`, or `ostree admin switch REMOTE:REF`' },
  );
}
