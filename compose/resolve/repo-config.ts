// One repository as configured: the known keys of a `.repo` section, checked, with variables filled in. Takes an IniSection.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnostic } from '../../lib/diagnostics.ts';
import { nearestNames } from '../../lib/near-miss.ts';
import type { IniSection, IniValue } from './ini.ts';
import { type RepoVariables, substituteVariables } from './variables.ts';

export interface RepoConfig {
  readonly id: string;
  /** The `.repo` file that defines it. */
  readonly file: string;
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
): { repo: RepoConfig; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const complain = (
    at: IniValue,
    code: string,
    message: string,
    hint?: string,
    severity: 'error' | 'warning' = 'error',
  ) =>
    diagnostics.push({
      severity,
      code,
      message,
      position: at.position,
      sourceLine: at.sourceLine,
      ...(hint === undefined ? {} : { hint }),
    });

  const text = (key: string): string | null => {
    const found = section.values.get(key);
    if (found === undefined || found.value === '') return null;
    const { text: filled, unknown } = substituteVariables(found.value, variables);
    for (const name of unknown) {
      const hint = name === 'releasever' ? 'set releasever in the treefile' : 'set it in repovars of the treefile';
      complain(found, 'unknown-variable', `${key} of [${section.name}] uses $${name}, which has no value`, hint);
    }
    return filled;
  };
  const list = (key: string): string[] => (text(key) ?? '').split(/[\s,]+/).filter((word) => word !== '');
  const flag = (key: string, fallback: boolean): boolean => {
    const value = text(key);
    if (value === null) return fallback;
    if (/^(1|yes|true|on)$/i.test(value)) return true;
    if (/^(0|no|false|off)$/i.test(value)) return false;
    complain(section.values.get(key)!, 'wrong-value', `${key} is "${value}", which is neither 1 nor 0`);
    return fallback;
  };
  const whole = (key: string, fallback: number): number => {
    const value = text(key);
    if (value === null) return fallback;
    if (/^-?\d{1,9}$/.test(value)) return Number(value);
    complain(section.values.get(key)!, 'wrong-value', `${key} is "${value}", which is not a whole number`);
    return fallback;
  };
  const url = (key: string, value: string, schemes: readonly string[]): string => {
    if (value.startsWith('/')) return pathToFileURL(value).href.replace(/\/+$/, '');
    const scheme = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : undefined;
    if (scheme === undefined || !schemes.includes(scheme)) {
      complain(
        section.values.get(key)!,
        'wrong-url',
        `${key} of [${section.name}] is "${value}", which is no URL that can be fetched`,
        `use ${schemes.map((name) => `${name}://`).join(', ')}`,
      );
    }
    return value.replace(/\/+$/, '');
  };
  const oneUrl = (key: string, schemes = ['http', 'https', 'file']): string | null => {
    const value = text(key);
    return value === null ? null : url(key, value, schemes);
  };
  const path = (key: string): string | null => {
    const value = text(key);
    return value === null ? null : resolve(value.replace(/^file:\/\//, ''));
  };

  const schemes = ['http', 'https', 'file'];
  const repo: RepoConfig = {
    id: section.name,
    file: section.position.file,
    baseUrls: list('baseurl').map((value) => url('baseurl', value, schemes)),
    mirrorlist: oneUrl('mirrorlist'),
    metalink: oneUrl('metalink'),
    priority: whole('priority', 99),
    cost: whole('cost', 1000),
    excludePackages: [...list('excludepkgs'), ...list('exclude')],
    includePackages: list('includepkgs'),
    gpgCheck: flag('gpgcheck', true),
    repoGpgCheck: flag('repo_gpgcheck', false),
    gpgKeys: list('gpgkey').map((value) => url('gpgkey', value, schemes)),
    proxy: proxyUrl(
      /^(_none_|none)$/i.test(text('proxy') ?? '') ? 'none' : oneUrl('proxy', ['http', 'https']),
      text('proxy_username'),
      text('proxy_password'),
    ),
    credentials: text('username') === null ? null : `${text('username')}:${text('password') ?? ''}`,
    sslCaCert: path('sslcacert'),
    sslClientCert: path('sslclientcert'),
    sslClientKey: path('sslclientkey'),
    sslVerify: flag('sslverify', true),
    refresh: metadataExpire(text('metadata_expire'), section.values.get('metadata_expire')),
    moduleHotfixes: flag('module_hotfixes', false),
    timeoutMs: Math.max(1, whole('timeout', 30)) * 1000,
    retries: Math.max(0, whole('retries', 4)),
  };

  for (const [key, value] of section.values) {
    if (meaningfulKeys.includes(key) || ignoredKeys.has(key)) continue;
    const near = nearestNames(key, [...meaningfulKeys, ...ignoredKeys], 1)[0];
    complain(
      value,
      'unknown-key',
      `no such repository setting "${key}"`,
      near === undefined ? undefined : `did you mean "${near}"?`,
      'warning',
    );
  }
  if (repo.baseUrls.length === 0 && repo.mirrorlist === null && repo.metalink === null) {
    const { position, sourceLine } = section;
    const message = `the repository ${section.name} has no baseurl, mirrorlist or metalink`;
    diagnostics.push({ severity: 'error', code: 'repo-without-url', message, position, sourceLine });
  }
  if ((repo.gpgCheck || repo.repoGpgCheck) && repo.gpgKeys.length === 0) {
    const { position, sourceLine } = section;
    const setting = repo.gpgCheck ? 'gpgcheck' : 'repo_gpgcheck';
    const how = section.values.has(setting) ? 'on' : 'on (the default)';
    const message = `the repository ${section.name} has ${setting} ${how} but no gpgkey`;
    const hint = `add gpgkey=URL, or ${setting}=0 when you trust every byte of it`;
    diagnostics.push({ severity: 'error', code: 'repo-without-key', message, position, sourceLine, hint });
  }
  return { repo, diagnostics };

  function metadataExpire(value: string | null, at: IniValue | undefined): 'always' | 'never' {
    if (value === null || /^\d+(\.\d+)?[smhdw]?$/i.test(value)) return 'always';
    if (/^(-1|never)$/i.test(value)) return 'never';
    complain(
      at!,
      'wrong-value',
      `metadata_expire is "${value}", which is no time`,
      'write seconds, 90m, 6h, 7d or never',
    );
    return 'always';
  }
}

function proxyUrl(proxy: string | null, user: string | null, password: string | null): string | null {
  if (proxy === null || proxy === 'none' || user === null || !URL.canParse(proxy)) return proxy;
  const url = new URL(proxy);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password ?? '');
  return url.href;
}
