// Limits that keep libsolv from faults; apart from the binding so that our own process need not load it.

/**
 * Opening parentheses in one rich dependency, which bound how deep it is nested. libsolv recurses for each level: 7,000 are fine on a
 * stack of 2 MiB, and ours is 16 MiB.
 */
export const parenthesesLimit = 5000;
