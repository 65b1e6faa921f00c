// A libsolv pool as a state machine: libsolv dereferences NULL when called in the wrong order, so a wrong order is an exception here.
// No raw handle leaves this module except to the modules of this folder.

import { UserError } from '../../../lib/errors.ts';
import { rmSync } from '../../../lib/plain-fs.ts';
import type { SolverRepo } from './job.ts';
import type { Id, Libsolv, PoolHandle, RepoHandle } from './library.ts';
import { writeNeeded } from './needed-keys.ts';
import { collect } from './queue.ts';
import { setRepoPriority } from './repo-priority.ts';
import { readSolvFile } from './solv-file.ts';

type Phase = 'loading' | 'indexed' | 'prepared' | 'freed';

const disttypeRpm = 0;
/** repo_add_*: the data extends packages that are there (REPO_EXTEND_SOLVABLES). */
const extendSolvables = 1 << 4;
const jobSelectRepo = 0x05;

const packageKeys = [
  'name',
  'evr',
  'arch',
  'checksum',
  'downloadsize',
  'mediadir',
  'mediafile',
  'mediabase',
  'sourcename',
  'sourceevr',
  'sourcearch',
  'obsoletes',
  'requires',
  'recommends',
] as const;

export type PackageKey = (typeof packageKeys)[number];

export interface PoolRepo {
  readonly repo: SolverRepo;
  readonly handle: RepoHandle;
  /** Ids of its packages, in the order of its metadata. */
  readonly packages: readonly Id[];
}

/** Where unpacked XML comes from; only asked when the parsed form is not in the cache. */
export type RecordSource = (repo: SolverRepo, record: 'primary' | 'filelists') => string;

export class Pool {
  readonly solv: Libsolv;
  readonly handle: PoolHandle;
  readonly keys: Readonly<Record<PackageKey, Id>>;
  readonly repos: PoolRepo[] = [];
  readonly #cacheDir: string;
  #phase: Phase = 'loading';

  /** @param cacheDir folder for parsed metadata of this version of libsolv */
  constructor(solv: Libsolv, arch: string, cacheDir: string) {
    this.solv = solv;
    this.handle = solv.pool_create();
    this.#cacheDir = cacheDir;
    // Debian builds default to Debian's version rules.
    if (solv.pool_setdisttype(this.handle, disttypeRpm) < 0) {
      throw new UserError('library-unusable', 'this libsolv is built without RPM support', {
        hint: "install the distribution's own libsolv",
      });
    }
    solv.pool_setarch(this.handle, arch);
    // Ids of keys are asked for by name: their order in knownid.h may change.
    const keyOf = (name: string): Id => {
      const id = solv.pool_str2id(this.handle, `solvable:${name}`, 0);
      if (id === 0) throw new Error(`libsolv does not know the key solvable:${name}`);
      return id;
    };
    this.keys = Object.fromEntries(packageKeys.map((name) => [name, keyOf(name)])) as Pool['keys'];
  }

  /** Reads a repository's primary data: the checked parsed form if there is one, else the XML, which is then stored parsed. */
  async addRepo(repo: SolverRepo, source: RecordSource): Promise<void> {
    this.#require('loading');
    let handle = this.solv.repo_create(this.handle, repo.id);
    const path = `${this.#cacheDir}/${repo.primary.type}-${repo.primary.value}.solv`;
    const read = await readSolvFile(this.solv, path, (file) => this.solv.repo_add_solv(handle, file, 0));
    if (!read) {
      this.solv.repo_free(handle, 1);
      handle = this.solv.repo_create(this.handle, repo.id);
      this.#parseXml(repo, handle, source(repo, 'primary'), null, 0);
      const { writeSolvFile } = await import('./solv-file-write.ts');
      writeSolvFile(this.solv, path, (file) => writeNeeded(this.solv, this.handle, handle, file));
    }
    const index = this.repos.length + 1;
    setRepoPriority(this.handle, repo, handle, index);
    const { solv, handle: pool } = this;
    let packages: readonly Id[] | undefined;
    this.repos.push({
      repo,
      handle,
      // Most jobs never ask, and a big repository's list takes its time.
      get packages() {
        packages ??= collect(solv, (queue) => solv.pool_job2solvables(pool, queue, jobSelectRepo, index));
        return packages;
      },
    });
  }

  /** Makes selections possible before anything is filtered. Costs as much as half a solve, so only where something is. */
  ensureIndexed(): void {
    if (this.#phase === 'indexed') return;
    this.#require('loading');
    this.solv.pool_createwhatprovides(this.handle);
    this.#phase = 'indexed';
  }

  /** Takes packages out of the pool: to every later step they were never there. */
  remove(packages: ReadonlySet<Id>): void {
    if (packages.size === 0) return;
    this.#require('indexed');
    for (const [index, { repo, handle, packages: own }] of this.repos.entries()) {
      const removed = own.filter((id) => packages.has(id));
      if (removed.length === 0) continue;
      for (const id of removed) this.solv.repo_free_solvable(handle, id, 0);
      this.repos[index] = { repo, handle, packages: own.filter((id) => !packages.has(id)) };
    }
  }

  /**
   * Ends filtering. File lists are read only when a dependency or a request names a path that primary data does not carry: for
   * big repositories they cost more than everything else together.
   */
  async prepare(requests: readonly string[], source: RecordSource): Promise<void> {
    if (this.#phase !== 'indexed') this.#require('loading');
    const wantedPaths = collect(this.solv, (queue) =>
      this.solv.pool_addfileprovides_queue(this.handle, queue, null),
    ).map((id) => this.solv.pool_id2str(this.handle, id));
    const paths = [...wantedPaths, ...requests.filter((request) => request.startsWith('/'))];
    if (paths.some((path) => !isInPrimary(path))) {
      for (const { repo, handle } of this.repos) await this.#addFilelists(repo, handle, source);
      collect(this.solv, (queue) => this.solv.pool_addfileprovides_queue(this.handle, queue, null));
    }
    this.solv.pool_createwhatprovides(this.handle);
    this.#phase = 'prepared';
  }

  /** Throws unless selections (and with `prepared`, solving) are possible now. */
  requireIndexed(): void {
    if (this.#phase !== 'prepared') this.#require('indexed');
  }

  get isPrepared(): boolean {
    return this.#phase === 'prepared';
  }

  requirePrepared(): void {
    this.#require('prepared');
  }

  /** @throws Error when the package is not one of ours, which would be a bug. */
  repoOf(id: Id): SolverRepo {
    if (this.repos.length === 1) return this.repos[0]!.repo;
    // libsolv numbers packages in the order of loading, so those of one repository stand together.
    const repo = this.repos.find(({ packages }) => id >= packages[0]! && id <= packages.at(-1)!)?.repo;
    if (repo === undefined) throw new Error(`package ${id} belongs to no repository`);
    return repo;
  }

  name(id: Id): string {
    return this.text(id, 'name') ?? '';
  }

  evr(id: Id): string {
    return this.text(id, 'evr') ?? '';
  }

  arch(id: Id): string {
    return this.text(id, 'arch') ?? '';
  }

  /** `name-[epoch:]version-release.arch` */
  nevra(id: Id): string {
    return `${this.name(id)}-${this.evr(id)}.${this.arch(id)}`;
  }

  /** Null when the metadata does not say. */
  text(id: Id, key: PackageKey): string | null {
    return this.solv.pool_lookup_str(this.handle, id, this.keys[key]);
  }

  /** Digest of the package file, with the type as the metadata names it. */
  checksum(id: Id): { type: string; value: string } {
    const type: [number] = [0];
    const value = this.solv.pool_lookup_checksum(this.handle, id, this.keys.checksum, type) ?? '';
    return { type: this.solv.pool_id2str(this.handle, type[0]).replace('repokey:type:', ''), value };
  }

  free(): void {
    if (this.#phase === 'freed') return;
    this.#phase = 'freed';
    this.solv.pool_free(this.handle);
  }

  async #addFilelists(repo: SolverRepo, handle: RepoHandle, source: RecordSource): Promise<void> {
    if (repo.filelists === null) return;
    // Extending data belongs to exactly these packages in this order, hence both digests in the name.
    const path = `${this.#cacheDir}/${repo.primary.type}-${repo.primary.value}-${repo.filelists.value}.solvx`;
    if (await readSolvFile(this.solv, path, (file) => this.solv.repo_add_solv(handle, file, extendSolvables))) return;
    this.#parseXml(repo, handle, source(repo, 'filelists'), 'FL', extendSolvables);
    const { writeSolvFile } = await import('./solv-file-write.ts');
    writeSolvFile(this.solv, path, (file) => this.solv.repodata_write(this.solv.repo_last_repodata(handle), file));
  }

  #parseXml(repo: SolverRepo, handle: RepoHandle, path: string, language: string | null, flags: number): void {
    const file = this.solv.fopen(path, 'r');
    if (file === null) throw new Error(`${path} cannot be opened`);
    const status = this.solv.repo_add_rpmmd(handle, file, language, flags);
    this.solv.fclose(file);
    rmSync(path, { force: true });
    if (status !== 0) {
      const reason = this.solv.pool_errstr(this.handle);
      throw new UserError(
        'metadata-unreadable',
        `the metadata of the repository ${repo.id} cannot be parsed: ${reason}`,
        {
          hint: 'its checksums are right, so it was made wrong: make it again with createrepo_c',
        },
      );
    }
  }

  #require(phase: Phase): void {
    if (this.#phase !== phase) throw new Error(`the pool is ${this.#phase}, this call needs it ${phase}`);
  }
}

/** The paths that createrepo_c puts into primary data. */
export function isInPrimary(path: string): boolean {
  return path.startsWith('/etc/') || path.includes('bin/') || path === '/usr/lib/sendmail';
}
