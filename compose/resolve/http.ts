// HTTP(S) GET for repositories: redirects, proxies, client certificates, idle timeouts. Verdicts on status codes are the caller's.

import { readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { whyUnreadable } from '../../lib/file-system-error.ts';
import { type RepoConfig, settingProblem } from './repo-config.ts';

export type HttpSettings = Pick<
  RepoConfig,
  | 'id'
  | 'settings'
  | 'proxy'
  | 'credentials'
  | 'sslCaCert'
  | 'sslClientCert'
  | 'sslClientKey'
  | 'sslVerify'
  | 'timeoutMs'
>;

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: IncomingMessage;
  /** After redirects. */
  readonly url: string;
}

export interface HttpClient {
  /** Rejects on network trouble, a timeout, too many redirects, or an abort. The body must be read or destroyed. */
  get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpResponse>;
  close(): void;
}

const redirectLimit = 10;

/** @throws DiagnosticsError `repo-certificate` when a configured certificate or key cannot be read. */
export function createHttpClient(settings: HttpSettings): HttpClient {
  const proxyEnv =
    settings.proxy === null
      ? process.env
      : settings.proxy === 'none'
        ? {}
        : { HTTP_PROXY: settings.proxy, HTTPS_PROXY: settings.proxy };
  const common = { keepAlive: true, proxyEnv };
  const plainAgent = new http.Agent(common);
  const tlsAgent = new https.Agent({
    ...common,
    rejectUnauthorized: settings.sslVerify,
    ...readPem(settings, 'ca', 'sslcacert', settings.sslCaCert),
    ...readPem(settings, 'cert', 'sslclientcert', settings.sslClientCert),
    // dnf accepts certificate and key in one file.
    ...readPem(settings, 'key', 'sslclientkey', settings.sslClientKey ?? settings.sslClientCert),
  });

  const once = (url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const request = (secure ? https : http).get(
        url,
        { agent: secure ? tlsAgent : plainAgent, headers, signal, timeout: settings.timeoutMs },
        (received) => {
          response = received;
          resolve(received);
        },
      );
      let response: IncomingMessage | undefined;
      request.on('timeout', () => {
        const error = new Error(`no answer for ${settings.timeoutMs / 1000} s`);
        response?.destroy(error); // else the body would only say that it was aborted
        request.destroy(error);
      });
      request.on('error', reject);
    });

  return {
    async get(start, headers, signal) {
      let url = new URL(start);
      for (let hops = 0; hops <= redirectLimit; hops++) {
        const sameHost = url.host === new URL(start).host;
        const authorization = settings.credentials !== null && sameHost ? basicAuthorization(settings.credentials) : {};
        const response = await once(url, { 'user-agent': 'slipway', ...authorization, ...headers }, signal);
        const status = response.statusCode ?? 0;
        const location = response.headers.location;
        if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
          return { status, headers: response.headers, body: response, url: url.href };
        }
        response.resume();
        const next = new URL(location, url);
        if (!/^https?:$/.test(next.protocol)) throw new Error(`it redirects to ${next.href}`);
        if (url.protocol === 'https:' && next.protocol === 'http:')
          throw new Error(`it redirects from https to ${next.href}`);
        url = next;
      }
      throw new Error(`it redirects more than ${redirectLimit} times`);
    },
    close() {
      plainAgent.destroy();
      tlsAgent.destroy();
    },
  };
}

function basicAuthorization(credentials: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function readPem(
  settings: HttpSettings,
  option: 'ca' | 'cert' | 'key',
  setting: string,
  path: string | null,
): Record<string, Buffer> {
  if (path === null) return {};
  try {
    return { [option]: readFileSync(path) };
  } catch (cause) {
    throw settingProblem(settings, setting, {
      code: 'repo-certificate',
      message: `${path}, a certificate or key of the repository ${settings.id}, cannot be read: ${whyUnreadable(cause)}`,
    });
  }
}
