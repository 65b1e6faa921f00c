// koffi, taken from its package of binaries: its own loader tries out where that may be, which takes 10 ms of every start.
// test/lib/koffi.test.ts holds the place to the pinned version.

import { fileURLToPath } from 'node:url';
import type koffiModule from 'koffi'; // MIT: calls C functions without a compiler

const packageEntry = import.meta.resolve(`@koromix/koffi-linux-${process.arch}`);
const loaded: { exports: unknown } = { exports: {} };
process.dlopen(loaded, fileURLToPath(new URL(`./linux_${process.arch}/koffi.node`, packageEntry)));

export const koffi = loaded.exports as typeof koffiModule;

/** Name of the error of the last C function called, e.g. `ENOENT`; errno(3). */
export function lastErrorName(): string {
  const number = koffi.errno();
  return Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
}
