// One small repository for most tests of the resolver: requirements of every kind, several versions, another architecture.

import type { SmallPackage } from './small-repo.ts';

export const basePackages: readonly SmallPackage[] = [
  { name: 'app', requires: ['lib >= 2', '/usr/bin/tool'], recommends: ['extra'] },
  { name: 'lib', version: '1' },
  { name: 'lib', version: '2' },
  { name: 'lib', version: '3' },
  { name: 'tool', files: ['/usr/bin/tool'], arch: 'x86_64' },
  { name: 'extra' },
  { name: 'odd-path', files: ['/usr/share/odd/file'] },
  { name: 'needs-odd', requires: ['/usr/share/odd/file'] },
  { name: 'either', requires: ['(lib or nothing)'] },
  { name: 'virtual-a', provides: ['service = 4'] },
  { name: 'old-name', version: '1' },
  { name: 'new-name', version: '2', provides: ['old-name = 2'], obsoletes: ['old-name < 2'] },
  { name: 'epochal', epoch: 3, version: '0.1' },
  { name: 'foreign', arch: 'aarch64' },
  ...['9', '10', '1', '2'].map((version) => ({ name: 'rolling', version })),
];
