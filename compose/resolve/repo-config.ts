// One repository as configured: the known keys of a `.repo` section, checked, with variables filled in. Takes an IniSection.

import { type Diagnostic, DiagnosticsError } from '../../lib/diagnostics.ts';
import { nearestNames } from '../../lib/near-miss.ts';
import type { IniSection, IniValue } from './ini.ts';
import { type SectionReader, sectionReader } from './section-reader.ts';
import type { RepoVariables } from './variables.ts';

export interface RepoConfig {
  readonly id: string;
  /** The `.repo` file that defines it. */
  readonly file: string;
  /** What stands there, for problems that show only when a setting is used: settingProblem(). */
  readonly settings: ReadonlyMap<string, IniValue>;
  /** Absolute URLs without a trailing slash, tried in this order. */
  readonly baseUrls: readonly string[];
  readonly mirrorlist: string | null;
  readonly metalink: string | null;
  /** As in dnf: the lower number wins. */
  readonly priority: number;
  /** Among equal packages of equal priority the lower cost wins. */
  readonly cost: number;
  /** Names, globs or NEVRAs that this repository must not give. */
  readonly excludePackages: readonly string[];
  /** When not empty, the only packages that this repository may give. */
  readonly includePackages: readonly string[];
  /** Packages must carry a signature by one of `gpgKeys`. */
  readonly gpgCheck: boolean;
  /** repomd.xml must carry a detached signature by one of `gpgKeys`. */
  readonly repoGpgCheck: boolean;
  /** Absolute URLs of keys. */
  readonly gpgKeys: readonly string[];
  /** Proxy URL with credentials; null: the environment decides; `none`: no proxy. */
  readonly proxy: string | null;
  /** `user:password` for HTTP basic authentication. */
  readonly credentials: string | null;
  readonly sslCaCert: string | null;
  readonly sslClientCert: string | null;
  readonly sslClientKey: string | null;
  readonly sslVerify: boolean;
  /** `never`: cached metadata is used without asking the server. Otherwise the server is asked on every compose. */
  readonly refresh: 'always' | 'never';
  /** Modular filtering does not apply to this repository (`module_hotfixes`). */
  readonly moduleHotfixes: boolean;
  /** A transfer without any byte for this long has failed. */
  readonly timeoutMs: number;
  /** How often a transfer is tried again after the first failure. */
  readonly retries: number;
}

/** Keys that dnf knows and that change nothing here: accepted without a word. */
const ignoredKeys = new Set(
  (
    'name enabled enabled_metadata skip_if_unavailable countme deltarpm deltarpm_percentage fastestmirror ip_resolve ' +
    'bandwidth throttle minrate max_parallel_downloads keepcache strict type user_agent ui_repoid_vars best cachedir ' +
    'sslverifystatus proxy_auth_method proxy_sslverify proxy_sslcacert proxy_sslclientcert proxy_sslclientkey mediaid'
  ).split(' '),
);

const meaningfulKeys = (
  'baseurl mirrorlist metalink priority cost exclude excludepkgs includepkgs gpgcheck repo_gpgcheck gpgkey proxy ' +
  'proxy_username proxy_password username password sslcacert sslclientcert sslclientkey sslverify metadata_expire ' +
  'module_hotfixes timeout retries'
).split(' ');

/** Fills in defaults (dnf's, except that `gpgcheck` is on unless switched off) and reports every problem with its place. */
export function repoConfigOf(
  section: IniSection,
  variables: RepoVariables,
): { repo: RepoConfig; diagnostics: readonly Diagnostic[] } {
  const read = sectionReader(section, variables);
  const user = read.text('username');
  const repo: RepoConfig = {
    id: section.name,
    file: section.position.file,
    settings: section.values,
    baseUrls: read.urls('baseurl'),
    mirrorlist: read.url('mirrorlist'),
    metalink: read.url('metalink'),
    priority: read.wholeNumber('priority', 99),
    cost: read.wholeNumber('cost', 1000),
    excludePackages: [...read.list('excludepkgs'), ...read.list('exclude')],
    includePackages: read.list('includepkgs'),
    gpgCheck: read.flag('gpgcheck', true),
    repoGpgCheck: read.flag('repo_gpgcheck', false),
    gpgKeys: read.urls('gpgkey'),
    proxy: proxyUrl(read),
    credentials: user === null ? null : `${user}:${read.text('password') ?? ''}`,
    sslCaCert: read.path('sslcacert'),
    sslClientCert: read.path('sslclientcert'),
    sslClientKey: read.path('sslclientkey'),
    sslVerify: read.flag('sslverify', true),
    refresh: refreshOf(read),
    moduleHotfixes: read.flag('module_hotfixes', false),
    timeoutMs: Math.max(1, read.wholeNumber('timeout', 30)) * 1000,
    retries: Math.max(0, read.wholeNumber('retries', 4)),
  };
  checkKeys(section, read);
  checkCompleteness(section, repo, read);
  return { repo, diagnostics: read.diagnostics };
}

/** A problem with what a setting says, at its line. */
export function settingProblem(
  { settings }: Pick<RepoConfig, 'settings'>,
  key: string,
  problem: Pick<Diagnostic, 'code' | 'message' | 'hint'>,
): DiagnosticsError {
  const { position, sourceLine } = settings.get(key) ?? {};
  const place = position === undefined ? {} : { position, ...(sourceLine === undefined ? {} : { sourceLine }) };
  return new DiagnosticsError([{ severity: 'error', ...problem, ...place }]);
}

function proxyUrl(read: SectionReader): string | null {
  if (/^_?none_?$/i.test(read.text('proxy') ?? '')) return 'none';
  const proxy = read.url('proxy', ['http', 'https']);
  const user = read.text('proxy_username');
  if (proxy === null || user === null || !URL.canParse(proxy)) return proxy;
  const url = new URL(proxy);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(read.text('proxy_password') ?? '');
  return url.href;
}

function refreshOf(read: SectionReader): 'always' | 'never' {
  const value = read.text('metadata_expire');
  if (value === null || /^\d+(\.\d+)?[smhdw]?$/i.test(value)) return 'always';
  if (/^(-1|never)$/i.test(value)) return 'never';
  const message = `metadata_expire is "${value}", which is no time`;
  read.complain('metadata_expire', 'wrong-value', message, 'write seconds, 90m, 6h, 7d or never');
  return 'always';
}

function checkKeys(section: IniSection, read: SectionReader): void {
  for (const [key, { overriddenLine }] of section.values) {
    if (overriddenLine !== undefined) {
      const message = `${key} of [${section.name}] is set again: what line ${overriddenLine} says does not count`;
      read.complain(key, 'duplicate-key', message, 'remove one of the two lines', 'warning');
    }
    if (meaningfulKeys.includes(key) || ignoredKeys.has(key)) continue;
    const near = nearestNames(key, [...meaningfulKeys, ...ignoredKeys], 1)[0];
    const hint = near === undefined ? undefined : `did you mean "${near}"?`;
    read.complain(key, 'unknown-key', `no such repository setting "${key}"`, hint, 'warning');
  }
}

function checkCompleteness(section: IniSection, repo: RepoConfig, read: SectionReader): void {
  if (repo.baseUrls.length === 0 && repo.mirrorlist === null && repo.metalink === null) {
    const message = `the repository ${repo.id} has no baseurl, mirrorlist or metalink`;
    read.complain('', 'repo-without-url', message);
  }
  const checks = [...(repo.gpgCheck ? ['gpgcheck'] : []), ...(repo.repoGpgCheck ? ['repo_gpgcheck'] : [])];
  const setting = checks.find((key) => !read.isWrong(key));
  if (setting !== undefined && repo.gpgKeys.length === 0) {
    const how = section.values.has(setting) ? 'on' : 'on (the default)';
    const message = `the repository ${repo.id} has ${setting} ${how} but no gpgkey`;
    read.complain('', 'repo-without-key', message, `add gpgkey=URL, or ${setting}=0 when you trust every byte of it`);
  }
}
