import test from 'ava';
import { parseIni } from '../../../compose/resolve/ini.ts';
import { type RepoConfig, repoConfigOf } from '../../../compose/resolve/repo-config.ts';
import { repoVariables } from '../../../compose/resolve/variables.ts';
import { formatDiagnostic } from '../../../lib/diagnostics.ts';

function read(text: string): { repo: RepoConfig; complaints: string[] } {
  const { sections, diagnostics } = parseIni(text, 'x.repo');
  const variables = repoVariables('x86_64', '41', { stream: 'stable' });
  const { repo, diagnostics: more } = repoConfigOf(sections[0]!, variables);
  return { repo, complaints: [...diagnostics, ...more].map(formatDiagnostic) };
}

const good: readonly (readonly [string, string, Partial<RepoConfig>])[] = [
  [
    'a list of URLs on several lines',
    'baseurl=http://a/x/\n  http://b/x\n\thttp://c',
    { baseUrls: ['http://a/x', 'http://b/x', 'http://c'] },
  ],
  ['URLs separated by commas', 'baseurl=http://a/, https://b', { baseUrls: ['http://a', 'https://b'] }],
  ['a plain path as a URL', 'baseurl=/srv/ä/', { baseUrls: ['file:///srv/%C3%A4'] }],
  ['variables', `baseurl=http://a/$releasever/\${basearch}/$stream`, { baseUrls: ['http://a/41/x86_64/stable'] }],
  [
    'a metalink',
    'metalink=https://m/?repo=f-$releasever&arch=$basearch',
    { metalink: 'https://m/?repo=f-41&arch=x86_64' },
  ],
  ['a mirrorlist', 'mirrorlist=https://m/list', { mirrorlist: 'https://m/list' }],
  [
    'defaults',
    'baseurl=http://a',
    {
      priority: 99,
      cost: 1000,
      gpgCheck: false,
      repoGpgCheck: false,
      sslVerify: true,
      proxy: null,
      refresh: 'always',
      retries: 4,
      timeoutMs: 30_000,
    },
  ],
  [
    'numbers',
    'baseurl=http://a\npriority=5\ncost = 10\ntimeout=7\nretries=0',
    { priority: 5, cost: 10, timeoutMs: 7000, retries: 0 },
  ],
  [
    'both spellings of excludes',
    'baseurl=http://a\nexcludepkgs=a b\nexclude=c,d',
    { excludePackages: ['a', 'b', 'c', 'd'] },
  ],
  ['includes', 'baseurl=http://a\nincludepkgs=k*', { includePackages: ['k*'] }],
  [
    'keys and both checks',
    'baseurl=http://a\nrepo_gpgcheck=yes\ngpgkey=file:///k1 /k2',
    { repoGpgCheck: true, gpgKeys: ['file:///k1', 'file:///k2'] },
  ],
  [
    'a proxy with a password',
    'baseurl=http://a\nproxy=http://p:3128\nproxy_username=me\nproxy_password=p@ss',
    { proxy: 'http://me:p%40ss@p:3128/' },
  ],
  ['no proxy', 'baseurl=http://a\nproxy=_none_', { proxy: 'none' }],
  [
    'certificates',
    'baseurl=https://a\nsslcacert=/ca\nsslclientcert=/c\nsslclientkey=/k\nsslverify=0',
    { sslCaCert: '/ca', sslClientCert: '/c', sslClientKey: '/k', sslVerify: false },
  ],
  ['a user', 'baseurl=https://a\nusername=u\npassword=p', { credentials: 'u:p' }],
  ['metadata_expire=never', 'baseurl=http://a\nmetadata_expire=never', { refresh: 'never' }],
  ['metadata_expire=6h', 'baseurl=http://a\nmetadata_expire=6h', { refresh: 'always' }],
  [
    'comments and blank lines',
    '# c\n; d\n\nbaseurl=http://a\n# e\n   http://b',
    { baseUrls: ['http://a', 'http://b'] },
  ],
  ['the last of two equal keys', 'baseurl=http://a\nbaseurl=http://b', { baseUrls: ['http://b'] }],
];

for (const [what, text, expected] of good) {
  test(`repoConfigOf() reads ${what}`, (t) => {
    const { repo } = read(`[r]\ngpgcheck=0\n${text}\n`);
    t.like(repo, expected);
  });
}

const bad: readonly (readonly [string, string, ...string[]])[] = [
  [
    'an unknown key with the nearest known one',
    '[r]\nbaseurl=http://a\ngpgcheck=0\nbaesurl=http://b',
    'warning[unknown-key]: no such repository setting "baesurl"\n  --> x.repo:4:1\n4 | baesurl=http://b\n  | ^^^^^^^ did you mean "baseurl"?',
  ],
  [
    'a variable without a value',
    '[r]\ngpgcheck=0\nbaseurl=http://a/$nonsense',
    'error[unknown-variable]: baseurl of [r] uses $nonsense, which has no value\n  --> x.repo:3:1\n3 | baseurl=http://a/$nonsense\n  | ^^^^^^^ set it in repovars of the treefile',
  ],
  [
    'a URL that cannot be fetched',
    '[r]\ngpgcheck=0\nbaseurl=ftp://a',
    'error[wrong-url]: baseurl of [r] is "ftp://a", which is no URL that can be fetched\n  --> x.repo:3:1\n3 | baseurl=ftp://a\n  | ^^^^^^^ use http://, https://, file://',
  ],
  [
    'a flag that is none',
    '[r]\nbaseurl=http://a\ngpgcheck=0\nsslverify=maybe',
    'error[wrong-value]: sslverify is "maybe", which is neither 1 nor 0\n  --> x.repo:4:1\n4 | sslverify=maybe\n  | ^^^^^^^^^',
  ],
  [
    'a flag that is none, and nothing that would follow from its default',
    '[r]\nbaseurl=http://a\ngpgcheck=nope',
    'error[wrong-value]: gpgcheck is "nope", which is neither 1 nor 0\n  --> x.repo:3:1\n3 | gpgcheck=nope\n  | ^^^^^^^^',
  ],
  [
    'a check without a key although another one is none',
    '[r]\nbaseurl=http://a\ngpgcheck=nope\nrepo_gpgcheck=1',
    'error[wrong-value]: gpgcheck is "nope", which is neither 1 nor 0\n  --> x.repo:3:1\n3 | gpgcheck=nope\n  | ^^^^^^^^',
    'error[repo-without-key]: the repository r has repo_gpgcheck on but no gpgkey\n  --> x.repo:1:1\n1 | [r]\n  | ^^^ add gpgkey=URL, or repo_gpgcheck=0 when you trust every byte of it',
  ],
  [
    'a key twice, of which the last counts as in dnf',
    '[r]\nbaseurl=http://a\n  http://b\ngpgcheck=0\nBaseURL = http://c',
    'warning[duplicate-key]: baseurl of [r] is set again: what line 2 says does not count\n  --> x.repo:5:1\n5 | BaseURL = http://c\n  | ^^^^^^^ remove one of the two lines',
  ],
  [
    'a number that is none',
    '[r]\nbaseurl=http://a\ngpgcheck=0\npriority=high',
    'error[wrong-value]: priority is "high", which is not a whole number\n  --> x.repo:4:1\n4 | priority=high\n  | ^^^^^^^^',
  ],
  [
    'a repository without any URL',
    '[r]\ngpgcheck=0',
    'error[repo-without-url]: the repository r has no baseurl, mirrorlist or metalink\n  --> x.repo:1:1\n1 | [r]\n  | ^^^',
  ],
  [
    'signature checks without a key',
    '[r]\nbaseurl=http://a',
    'error[repo-without-key]: the repository r has gpgcheck on (the default) but no gpgkey\n  --> x.repo:1:1\n1 | [r]\n  | ^^^ add gpgkey=URL, or gpgcheck=0 when you trust every byte of it',
  ],
  [
    'a line that is nothing',
    '[r]\nbaseurl=http://a\ngpgcheck=0\nwhat is this',
    'error[repo-file-syntax]: a line is neither [id], key=value nor a comment\n  --> x.repo:4:1\n4 | what is this\n  | ^^^^^^^^^^^^',
  ],
  [
    'a section twice',
    '[r]\nbaseurl=http://a\ngpgcheck=0\n[r]',
    'error[duplicate-section]: the section [r] is already defined in line 1\n  --> x.repo:4:1\n4 | [r]\n  | ^^^',
  ],
];

for (const [what, text, ...messages] of bad) {
  test(`repoConfigOf() reports ${what}`, (t) => {
    t.deepEqual(read(text).complaints, messages);
  });
}

test('parseIni() reports a value before the first section and a broken section head', (t) => {
  const { diagnostics } = parseIni('a=b\n[r\n', 'x.repo');
  t.deepEqual(
    diagnostics.map(({ message, position }) => [message, position?.line]),
    [
      ['a value stands before the first [id]', 1],
      ['a section is written [id]', 2],
    ],
  );
});
