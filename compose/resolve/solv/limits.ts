// Limits that keep libsolv from faults; apart from the binding so that our own process need not load it.

/** Depth of parentheses in a rich dependency that libsolv surely survives: 7,000 are fine on a stack of 2 MiB, ours is 16 MiB. */
export const richDependencyDepth = 1000;
