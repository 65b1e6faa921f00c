import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { EnginePackage } from '../../../../compose/packages/package.ts';
import { shipLock, shippedLockPath } from '../../../../compose/rootfs/steps/lock-json.ts';
import { shipTreefile } from '../../../../compose/rootfs/steps/treefile-json.ts';
import { tree } from '../../../support/temporary.ts';
import { differenceOf } from './tree-difference.ts';

const nothing = { added: [], removed: [], changed: [] };

test('shipTreefile() writes the treefile and nothing else', async (t) => {
  const root = await tree(t, { 'usr/share/keep': '' });
  t.deepEqual(await differenceOf(root, () => shipTreefile(root, { ref: 'a/b' })), {
    ...nothing,
    added: ['usr/share/slipway', 'usr/share/slipway/treefile.json'],
  });
  t.is(readFileSync(join(root, 'usr/share/slipway/treefile.json'), 'utf8'), '{\n  "ref": "a/b"\n}\n');
});

test('shipLock() writes the packages by name, without where they came from, and nothing else', async (t) => {
  const root = await tree(t, { 'usr/share/keep': '' });
  const packages = ['b', 'a'].map((name) => ({
    ...{ name, epoch: 0, version: '1', release: '2', arch: 'noarch', digest: `sha256:${name}${name}` },
  })) as unknown as EnginePackage[];
  t.deepEqual(await differenceOf(root, () => shipLock(root, 'x86_64', packages, null)), {
    ...nothing,
    added: ['usr/share/slipway', 'usr/share/slipway/lock.json'],
  });
  const locked = (name: string): unknown => ({
    ...{ name, epoch: 0, version: '1', release: '2', arch: 'noarch' },
    ...{ checksum: { type: 'sha256', value: `${name}${name}` }, size: 0, repo: '', url: '' },
  });
  t.deepEqual(JSON.parse(readFileSync(join(root, shippedLockPath), 'utf8')), {
    ...{ kind: 'package-lock', version: 1, arch: 'x86_64' },
    packages: [locked('a'), locked('b')],
    repos: [],
  });
  shipLock(root, 'x86_64', packages, []);
  t.deepEqual(JSON.parse(readFileSync(join(root, shippedLockPath), 'utf8')).advisories, [], 'asked for, and none');
});
