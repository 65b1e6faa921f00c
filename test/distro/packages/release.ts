// What the sample distribution calls itself, and the package whose versions are there to make upgrades with.

import type { RpmSpec } from '../../../lib/rpm/spec.ts';

export type Suite = 'trixie' | 'bookworm';

const debianVersions: Record<Suite, string> = { trixie: '13', bookworm: '12' };

const common = { release: '1', arch: 'noarch', license: 'Apache-2.0', vendor: 'Slipway' } as const;

export const suites = Object.keys(debianVersions) as Suite[];

export function releasePackage(suite: Suite): RpmSpec {
  const version = debianVersions[suite];
  const osRelease = {
    PRETTY_NAME: `"Slipway Sample ${version} (Debian ${suite} as RPMs)"`,
    NAME: '"Slipway Sample"',
    ID: 'slipway-sample',
    ID_LIKE: 'debian',
    VERSION_ID: `"${version}"`,
    VERSION: `"${version} (${suite})"`,
    VERSION_CODENAME: suite,
    VARIANT: '"Container Host"',
    VARIANT_ID: 'container-host',
  };
  const lines = Object.entries(osRelease).map(([name, value]) => `${name}=${value}\n`);
  return {
    ...common,
    name: 'slipway-sample-release',
    version,
    summary: 'Name and version of the sample distribution',
    description: 'A distribution for tests and demonstrations of Slipway: the packages of a Debian release as RPMs.',
    requires: [{ name: 'filesystem', scriptlets: ['pre'] }],
    provides: [{ name: 'system-release', comparison: '=', version }],
    files: [
      { type: 'file', path: '/usr/lib/os-release', content: lines.join('') },
      { type: 'symlink', path: '/etc/os-release', target: '../usr/lib/os-release' },
      { type: 'file', path: '/etc/issue', content: 'Slipway Sample \\n \\l\n\n', flags: ['config', 'noreplace'] },
      { type: 'file', path: '/etc/issue.net', content: 'Slipway Sample\n', flags: ['config', 'noreplace'] },
    ],
  };
}

/** The file that tells the version of the test package in a host. */
export const sampleVersionFile = '/usr/share/slipway-sample/version';

/** What the package's %post, and its file trigger on all that is below /usr/share/slipway-sample, leave in a host. */
export const sampleScriptletFiles = {
  post: '/usr/lib/slipway-sample/post',
  fileTrigger: '/usr/lib/slipway-sample/files',
};

/**
 * A package that differs between versions in one file below /usr and two configuration files, of which tests edit the second: so does
 * every upgrade to it. Its scriptlets are those that no package of the archive has: a %post in shell and a file trigger.
 */
export function versionPackage(version: number): RpmSpec {
  return {
    ...common,
    name: 'slipway-sample-version',
    version: String(version),
    summary: 'A package with versions, to make upgrades with',
    requires: [
      { name: 'filesystem', scriptlets: ['pre'] },
      { name: '/bin/sh', scriptlets: ['post'] },
    ],
    scriptlets: { post: { script: `echo "version ${version}, instances $1" > ${sampleScriptletFiles.post}` } },
    fileTriggers: [
      {
        kind: 'filetriggerin',
        prefixes: ['/usr/share/slipway-sample'],
        script: `cat > ${sampleScriptletFiles.fileTrigger}`,
      },
    ],
    files: [
      { type: 'directory', path: '/usr/share/slipway-sample' },
      { type: 'directory', path: '/usr/lib/slipway-sample' },
      { type: 'file', path: sampleVersionFile, content: `${version}\n` },
      {
        type: 'file',
        path: '/etc/slipway-sample.conf',
        content: `# shipped by version ${version}\nversion=${version}\n`,
        flags: ['config', 'noreplace'],
      },
      {
        type: 'file',
        path: '/etc/slipway-sample-edited.conf',
        content: `# shipped by version ${version}\n`,
        flags: ['config', 'noreplace'],
      },
    ],
  };
}
