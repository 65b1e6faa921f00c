import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { cacheDirectory } from '../../lib/cache.ts';

const cases: readonly (readonly [title: string, environment: NodeJS.ProcessEnv, expected: string])[] = [
  ['is what SLIPWAY_CACHE says', { SLIPWAY_CACHE: '/a', XDG_CACHE_HOME: '/b' }, '/a'],
  ['makes a relative SLIPWAY_CACHE absolute', { SLIPWAY_CACHE: 'a/b' }, resolve('a/b')],
  ['takes an empty SLIPWAY_CACHE for unset', { SLIPWAY_CACHE: '', XDG_CACHE_HOME: '/b' }, '/b/slipway'],
  ['ignores a relative XDG_CACHE_HOME', { XDG_CACHE_HOME: 'b' }, join(homedir(), '.cache/slipway')],
  ['is below the home folder otherwise', {}, join(homedir(), '.cache/slipway')],
];

for (const [title, environment, expected] of cases) {
  test(`cacheDirectory() ${title}`, (t) => {
    t.is(cacheDirectory(environment), expected);
  });
}
