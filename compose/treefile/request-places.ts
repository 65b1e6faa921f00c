// Where each requested package is asked for, so that one which no repository has can be told with its line.

import type { SourcePosition } from '../../lib/diagnostics.ts';
import type { FlatTreefile } from './flatten.ts';
import { bootstrapPackages, packages, repoPackages } from './keys/packages.ts';

/** A line of a treefile, as diagnostics show it. */
export interface RequestPlace {
  readonly position: SourcePosition;
  readonly sourceLine: string;
}

/** By request as the solver gets it, e.g. `podman >= 4`. Of several lines that ask for the same, the first. */
export function requestPlaces({ values }: Pick<FlatTreefile, 'values'>): Map<string, RequestPlace> {
  const places = new Map<string, RequestPlace>();
  for (const key of [packages, bootstrapPackages, repoPackages]) {
    for (const { value, span } of values.tracesOf(key)) {
      const requests = typeof value === 'string' ? [value] : (value as { packages: readonly string[] }).packages;
      for (const request of requests) {
        if (!places.has(request)) places.set(request, span.source.locate(span.start, span.end));
      }
    }
  }
  return places;
}
