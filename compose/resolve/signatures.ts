// RPM signatures judged by rpmkeys against a repository's own keys. Verdicts are kept by package digest and key set, so a package is
// judged once and not in every compose.

import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ToolError, UserError } from '../../lib/errors.ts';
import { run } from '../../lib/run.ts';
import type { KeySet } from './keys.ts';
import { type LockedPackage, nevra } from './lock.ts';
import type { RepoConfig } from './repo-config.ts';

export interface SignedFile {
  readonly locked: LockedPackage;
  readonly path: string;
}

/** `signed`: digests and signatures are right and by known keys. */
export type SignatureVerdict = 'signed' | 'unsigned' | 'unknown-key' | 'bad';

export function importArgv(database: string, keyFiles: readonly string[]): string[] {
  return ['rpmkeys', '--dbpath', database, '--import', ...keyFiles];
}

export function checkArgv(database: string, files: readonly string[]): string[] {
  return ['rpmkeys', '--dbpath', database, '--checksig', ...files];
}

/** Files given to one rpmkeys; starting it costs more than checking a small package. */
const batchSize = 64;

/** @throws UserError `package-unsigned`, `package-signature` (naming package, repository and URL), `key-unusable` */
export async function verifySignatures(
  repo: RepoConfig,
  files: readonly SignedFile[],
  keys: KeySet,
  cacheDir: string,
  signal: AbortSignal,
): Promise<void> {
  const verdictDir = join(cacheDir, 'verdicts', 'signatures', keys.id);
  const known = new Set(await readdir(verdictDir).catch(() => []));
  const unknown = files.filter(({ locked }) => !known.has(verdictName(locked)));
  if (unknown.length === 0) return;
  await withKeyring(repo, keys, signal, async (database) => {
    for (let start = 0; start < unknown.length; start += batchSize) {
      const batch = unknown.slice(start, start + batchSize);
      const verdicts = await judge(
        database,
        batch.map(({ path }) => path),
        signal,
      );
      for (const file of batch) {
        const verdict = verdicts.get(file.path) ?? 'bad';
        if (verdict !== 'signed') throw refused(repo, file, verdict);
      }
      await mkdir(verdictDir, { recursive: true });
      for (const { locked } of batch) await writeFile(join(verdictDir, verdictName(locked)), '');
    }
  });
}

/**
 * One line of `rpmkeys --checksig` (rpm 4.14 to 6): `PATH: digests signatures OK`, `PATH: digests OK`,
 * `PATH: digests SIGNATURES NOT OK`. Undefined for other lines.
 */
export function parseVerdict(line: string): { path: string; verdict: SignatureVerdict } | undefined {
  const match = /^(.*): ((?:[\w-]+ )*?)(NOT OK|OK)$/.exec(line);
  if (match === null) return undefined;
  const [, path = '', parts = '', end] = match;
  const words = parts.trim().split(' ');
  if (end === 'OK') return { path, verdict: words.includes('signatures') ? 'signed' : 'unsigned' };
  // Capitals mark what is wrong; with right digests it is the signature alone.
  return { path, verdict: words.includes('digests') && words.includes('SIGNATURES') ? 'unknown-key' : 'bad' };
}

async function judge(
  database: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, SignatureVerdict>> {
  const { stdout } = await run(checkArgv(database, paths), {
    signal,
    okExitCodes: Array.from({ length: 256 }, (_, code) => code),
  });
  const verdicts = stdout.split('\n').map(parseVerdict);
  return new Map(verdicts.flatMap((row) => (row === undefined ? [] : [[row.path, row.verdict] as const])));
}

async function withKeyring(
  repo: RepoConfig,
  keys: KeySet,
  signal: AbortSignal,
  work: (database: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-keyring-'));
  try {
    const keyFiles = keys.armored.map((_, index) => join(folder, `key-${index}.asc`));
    for (const [index, file] of keyFiles.entries()) await writeFile(file, keys.armored[index]!);
    const database = join(folder, 'rpmdb');
    await mkdir(database);
    await run(importArgv(database, keyFiles), { signal }).catch((error: unknown) => {
      if (!(error instanceof ToolError)) throw error;
      throw new UserError('key-unusable', `rpmkeys cannot use the keys of the repository ${repo.id}: ${error.output}`, {
        hint: `correct gpgkey of [${repo.id}] in ${repo.file}`,
        cause: error,
      });
    });
    await work(database);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function refused(
  repo: RepoConfig,
  { locked, path }: SignedFile,
  verdict: Exclude<SignatureVerdict, 'signed'>,
): UserError {
  const what = `${nevra(locked)} from the repository ${repo.id} (${locked.url})`;
  switch (verdict) {
    case 'unsigned':
      return new UserError('package-unsigned', `${what} is not signed, and gpgcheck is on`, {
        hint: `sign it with rpmsign, or set gpgcheck=0 in [${repo.id}] of ${repo.file}`,
      });
    case 'unknown-key':
      return new UserError(
        'package-signature',
        `${what} is signed by none of the keys in gpgkey, or its signature is wrong`,
        {
          hint: `rpmkeys --checksig --verbose ${basename(path)} names the key; add it to gpgkey of [${repo.id}] in ${repo.file}`,
        },
      );
    case 'bad':
      return new UserError('package-signature', `${what} is damaged: rpmkeys says NOT OK`, {
        hint: 'the repository serves a broken package; build it again and run createrepo_c',
      });
  }
}

function verdictName({ checksum }: LockedPackage): string {
  return `${checksum.type}-${checksum.value}`;
}
