// Node's synchronous file functions. An `import` of node:fs also loads its promises and streams, 3 ms that a short-lived process feels.

export const { readFileSync, readSync, rmSync, statSync, writeSync } = process.getBuiltinModule('node:fs');
