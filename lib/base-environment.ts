// The environment of every program that is started.

/** What programs see: nothing of the caller's but what they need to find files and speak English. */
export function baseEnvironment(): Record<string, string> {
  const kept = [
    'HOME',
    'GNUPGHOME',
    'TMPDIR',
    'XDG_CACHE_HOME',
    'XDG_RUNTIME_DIR',
    'SSL_CERT_FILE',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
  ];
  const environment: Record<string, string> = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  // Debian keeps mkfs, sgdisk and others out of an ordinary user's PATH.
  environment.PATH = `${process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`;
  return environment;
}
