// The functions of the distribution's libsolv that we call, as C prototypes for koffi and as TypeScript signatures. Only exported
// functions; test/compose/resolve/solv/library.test.ts compares every prototype with the headers, since koffi cannot.

import { koffi } from '../../../lib/koffi.ts';
import { missingLibrary } from './missing-library.ts';

declare const kind: unique symbol;
type Handle<Kind extends string> = bigint & { readonly [kind]: Kind };
export type PoolHandle = Handle<'Pool'>;
export type RepoHandle = Handle<'Repo'>;
export type RepodataHandle = Handle<'Repodata'>;
export type SolverHandle = Handle<'Solver'>;
export type TransactionHandle = Handle<'Transaction'>;
export type FileHandle = Handle<'FILE'>;
export type RepokeyHandle = Handle<'Repokey'>;
/** Where a kind of data is stored in a written file; 0 leaves it out. */
export type KeyFilter = (repo: RepoHandle, key: RepokeyHandle) => number;
/** The 32 bytes of a `struct Queue`; see queue.ts. */
export type QueueMemory = Buffer;
/** An interned string, dependency or package: a plain number in libsolv. */
export type Id = number;
type Out = [number];

export interface Libsolv {
  pool_create(): PoolHandle;
  pool_free(pool: PoolHandle): void;
  pool_setdisttype(pool: PoolHandle, type: number): number;
  pool_setarch(pool: PoolHandle, arch: string): void;
  pool_errstr(pool: PoolHandle): string;
  pool_str2id(pool: PoolHandle, text: string, create: number): Id;
  pool_id2str(pool: PoolHandle, id: Id): string;
  pool_dep2str(pool: PoolHandle, id: Id): string;
  pool_lookup_str(pool: PoolHandle, entry: Id, key: Id): string | null;
  pool_lookup_num(pool: PoolHandle, entry: Id, key: Id, fallback: number): number | bigint;
  pool_lookup_void(pool: PoolHandle, entry: Id, key: Id): number;
  pool_lookup_checksum(pool: PoolHandle, entry: Id, key: Id, type: Out): string | null;
  pool_lookup_idarray(pool: PoolHandle, entry: Id, key: Id, queue: QueueMemory): number;
  pool_job2solvables(pool: PoolHandle, queue: QueueMemory, how: Id, what: Id): void;
  pool_queuetowhatprovides(pool: PoolHandle, queue: QueueMemory): Id;
  pool_whatmatchessolvable(pool: PoolHandle, key: Id, solvable: Id, queue: QueueMemory, marker: number): void;
  pool_addfileprovides_queue(pool: PoolHandle, queue: QueueMemory, installed: null): void;
  pool_createwhatprovides(pool: PoolHandle): void;
  repo_create(pool: PoolHandle, name: string): RepoHandle;
  repo_free(repo: RepoHandle, reuseIds: number): void;
  repo_free_solvable(repo: RepoHandle, solvable: Id, reuseIds: number): void;
  repo_write_filtered(repo: RepoHandle, file: FileHandle, keyFilter: KeyFilter, filterData: null, keys: null): number;
  repo_write_stdkeyfilter(repo: RepoHandle, key: RepokeyHandle, filterData: null): number;
  repo_add_solv(repo: RepoHandle, file: FileHandle, flags: number): number;
  repo_last_repodata(repo: RepoHandle): RepodataHandle;
  repodata_write(data: RepodataHandle, file: FileHandle): number;
  queue_init(queue: QueueMemory): void;
  queue_free(queue: QueueMemory): void;
  queue_insertn(queue: QueueMemory, position: number, count: number, elements: Int32Array): void;
  selection_make(pool: PoolHandle, selection: QueueMemory, name: string, flags: number): number;
  selection_solvables(pool: PoolHandle, selection: QueueMemory, packages: QueueMemory): void;
  selection_make_matchsolvablelist(
    pool: PoolHandle,
    selection: QueueMemory,
    solvables: QueueMemory,
    flags: number,
    key: Id,
    marker: number,
  ): number;
  solver_create(pool: PoolHandle): SolverHandle;
  solver_free(solver: SolverHandle): void;
  solver_set_flag(solver: SolverHandle, flag: number, value: number): number;
  solver_solve(solver: SolverHandle, job: QueueMemory): number;
  solver_problem_count(solver: SolverHandle): number;
  solver_problem2str(solver: SolverHandle, problem: Id): string;
  solver_findallproblemrules(solver: SolverHandle, problem: Id, rules: QueueMemory): void;
  solver_ruleinfo(solver: SolverHandle, rule: Id, from: Out, to: Out, dependency: Out): number;
  solver_problemruleinfo2str(solver: SolverHandle, type: number, source: Id, target: Id, dependency: Id): string;
  solver_create_transaction(solver: SolverHandle): TransactionHandle;
  transaction_free(transaction: TransactionHandle): void;
  transaction_installedresult(transaction: TransactionHandle, packages: QueueMemory): number;
  repo_add_rpmmd(repo: RepoHandle, file: FileHandle, language: string | null, flags: number): number;
  pool_parserpmrichdep(pool: PoolHandle, text: string): Id;
  fopen(path: string, mode: string): FileHandle | null;
  fclose(file: FileHandle): number;
  __fsetlocking(file: FileHandle, type: number): number;
  setvbuf(file: FileHandle, buffer: null, mode: number, size: number): number;
}

/** Prototypes by library, spelled as in the headers so that they can be compared; `_Out_` is koffi's word for an output. */
export const prototypes = {
  'libsolv.so.1': [
    'Pool *pool_create(void)',
    'void pool_free(Pool *pool)',
    'int pool_setdisttype(Pool *pool, int disttype)',
    'void pool_setarch(Pool *pool, const char *arch)',
    'char *pool_errstr(Pool *pool)',
    'Id pool_str2id(Pool *pool, const char *str, int create)',
    'const char *pool_id2str(const Pool *pool, Id id)',
    'const char *pool_dep2str(Pool *pool, Id id)',
    'const char *pool_lookup_str(Pool *pool, Id entry, Id keyname)',
    'unsigned long long pool_lookup_num(Pool *pool, Id entry, Id keyname, unsigned long long notfound)',
    'int pool_lookup_void(Pool *pool, Id entry, Id keyname)',
    'const char *pool_lookup_checksum(Pool *pool, Id entry, Id keyname, _Out_ Id *typep)',
    'int pool_lookup_idarray(Pool *pool, Id entry, Id keyname, Queue *q)',
    'void pool_job2solvables(Pool *pool, Queue *pkgs, Id how, Id what)',
    'Id pool_queuetowhatprovides(Pool *pool, Queue *q)',
    'void pool_whatmatchessolvable(Pool *pool, Id keyname, Id solvid, Queue *q, int marker)',
    'void pool_addfileprovides_queue(Pool *pool, Queue *idq, Queue *idqinst)',
    'void pool_createwhatprovides(Pool *pool)',
    'Repo *repo_create(Pool *pool, const char *name)',
    'void repo_free(Repo *repo, int reuseids)',
    'void repo_free_solvable(Repo *repo, Id p, int reuseids)',
    'int repo_write_filtered(Repo *repo, FILE *fp, KeyFilter *keyfilter, void *kfdata, Queue *keyq)',
    'int repo_write_stdkeyfilter(Repo *repo, Repokey *key, void *kfdata)',
    'int repo_add_solv(Repo *repo, FILE *fp, int flags)',
    'Repodata *repo_last_repodata(Repo *repo)',
    'int repodata_write(Repodata *data, FILE *fp)',
    'void queue_init(Queue *q)',
    'void queue_free(Queue *q)',
    'void queue_insertn(Queue *q, int pos, int n, const Id *elements)',
    'int selection_make(Pool *pool, Queue *selection, const char *name, int flags)',
    'void selection_solvables(Pool *pool, Queue *selection, Queue *pkgs)',
    'int selection_make_matchsolvablelist(Pool *pool, Queue *selection, Queue *solvidq, int flags, int keyname, int marker)',
    'Solver *solver_create(Pool *pool)',
    'void solver_free(Solver *solv)',
    'int solver_set_flag(Solver *solv, int flag, int value)',
    'int solver_solve(Solver *solv, Queue *job)',
    'unsigned int solver_problem_count(Solver *solv)',
    'const char *solver_problem2str(Solver *solv, Id problem)',
    'void solver_findallproblemrules(Solver *solv, Id problem, Queue *rules)',
    'SolverRuleinfo solver_ruleinfo(Solver *solv, Id rid, _Out_ Id *fromp, _Out_ Id *top, _Out_ Id *depp)',
    'const char *solver_problemruleinfo2str(Solver *solv, SolverRuleinfo type, Id source, Id target, Id dep)',
    'Transaction *solver_create_transaction(Solver *solv)',
    'void transaction_free(Transaction *trans)',
    'int transaction_installedresult(Transaction *trans, Queue *installedq)',
  ],
  'libsolvext.so.1': [
    'int repo_add_rpmmd(Repo *repo, FILE *fp, const char *language, int flags)',
    'Id pool_parserpmrichdep(Pool *pool, const char *dep)',
  ],
  'libc.so.6': [
    'FILE *fopen(const char *pathname, const char *mode)',
    'int fclose(FILE *stream)',
    'int __fsetlocking(FILE *stream, int type)',
    'int setvbuf(FILE *stream, char *buf, int mode, size_t size)',
  ],
} as const;

/** The type of repo_write_filtered's parameter, which has no name in the headers. */
export const keyFilterPrototype = 'int KeyFilter(Repo *repo, Repokey *rkey, void *kfdata)';

/** Rich dependencies nested deeply recurse inside libsolv; koffi's own stack of 2 MiB would overflow (limits.ts bounds the depth). */
const callStackBytes = 16 << 20;

/** @throws UserError `library-missing` naming the package that brings the library. */
export function loadLibsolv(): { functions: Libsolv; version: string } {
  koffi.config({ sync_stack_size: callStackBytes });
  koffi.alias('Id', 'int');
  koffi.alias('SolverRuleinfo', 'int');
  for (const name of ['Pool', 'Repo', 'Repodata', 'Repokey', 'Solver', 'Transaction', 'Queue', 'FILE'])
    koffi.opaque(name);
  koffi.proto(keyFilterPrototype);
  const solver = openLibrary('libsolv.so.1');
  const part = (name: string): number => koffi.decode(solver.symbol(name, 'int'), 'int') as number;
  const version = ['major', 'minor', 'patch'].map((name) => part(`solv_version_${name}`)).join('.');
  return { functions: bindWhenCalled(), version };
}

/** Libraries and functions are looked up when first called: what parses XML brings librpm and its libraries with it, 3 ms that few jobs need. */
function bindWhenCalled(): Libsolv {
  const functions: Record<string, (...args: unknown[]) => unknown> = {};
  for (const [library, declarations] of Object.entries(prototypes)) {
    for (const declaration of declarations) {
      const name = functionName(declaration);
      functions[name] = (...args) => {
        functions[name] = openLibrary(library).func(declaration);
        return functions[name](...args);
      };
    }
  }
  return functions as unknown as Libsolv;
}

export function functionName(prototype: string): string {
  return /(\w+)\(/.exec(prototype)![1]!;
}

function openLibrary(name: string): ReturnType<typeof koffi.load> {
  try {
    return koffi.load(name);
  } catch (cause) {
    throw missingLibrary(name, cause);
  }
}
