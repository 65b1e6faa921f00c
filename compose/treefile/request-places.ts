// Where a treefile asks for each package and names each repository, so that what does not exist can be told with its line.

import type { SourcePosition } from '../../lib/diagnostics.ts';
import type { FlatTreefile } from './flatten.ts';
import { bootstrapPackages, lockfileRepos, packages, repoPackages, repos } from './keys/packages.ts';
import type { Span } from './source/source-file.ts';

/** A line of a treefile, as diagnostics show it. */
export interface RequestPlace {
  readonly position: SourcePosition;
  readonly sourceLine: string;
}

export interface RequestPlaces {
  /** By request as the solver gets it, e.g. `podman >= 4`. Of several lines that ask for the same, the first. */
  readonly packages: ReadonlyMap<string, RequestPlace>;
  /** By id: the line of `repos`, else of `repo-packages`, else of `lockfile-repos`. */
  readonly repos: ReadonlyMap<string, RequestPlace>;
}

export function requestPlaces({ values }: Pick<FlatTreefile, 'values'>): RequestPlaces {
  const ofPackages = new Map<string, RequestPlace>();
  const ofRepos = new Map<string, RequestPlace>();
  const note = (places: Map<string, RequestPlace>, name: string, { source, start, end }: Span): void => {
    if (!places.has(name)) places.set(name, source.locate(start, end));
  };
  for (const key of [packages, bootstrapPackages]) {
    for (const { value, span } of values.list(key) ?? []) note(ofPackages, value, span);
  }
  for (const { value, span } of values.list(repos) ?? []) note(ofRepos, value, span);
  for (const { value, span } of values.list(repoPackages) ?? []) {
    for (const request of value.packages) note(ofPackages, request, span);
    note(ofRepos, value.repo, span);
  }
  for (const { value, span } of values.list(lockfileRepos) ?? []) note(ofRepos, value, span);
  return { packages: ofPackages, repos: ofRepos };
}
