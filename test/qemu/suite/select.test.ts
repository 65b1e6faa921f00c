import test from 'ava';
import { matches, parseShard, type Selection, selectTests, shardOf, whyLeftOut } from '../../../qemu/suite/select.ts';
import { externalTest } from './support/external-test.ts';

const all: Selection = { patterns: [], tags: [], shard: null, only: null };
const tests = [
  externalTest('ext.p.net.dns', { tags: ['net'] }),
  externalTest('ext.p.net.slow', { tags: ['net'], requiredTag: 'slow' }),
  externalTest('ext.p.files'),
];

const selections: readonly (readonly [title: string, selection: Partial<Selection>, names: readonly string[]])[] = [
  ['everything but tests that require a tag', {}, ['ext.p.net.dns', 'ext.p.files']],
  ['by pattern', { patterns: ['ext.p.net.*'] }, ['ext.p.net.dns']],
  ['a test that requires a tag when it is named in full', { patterns: ['ext.p.net.slow'] }, ['ext.p.net.slow']],
  ['by tag', { tags: ['net'] }, ['ext.p.net.dns']],
  ['by required tag', { tags: ['slow'] }, ['ext.p.net.slow']],
  ['by the last report', { only: new Set(['ext.p.files']) }, ['ext.p.files']],
];
for (const [title, selection, names] of selections) {
  test(`selectTests() selects ${title}`, (t) => {
    t.deepEqual(
      selectTests(tests, { ...all, ...selection }).map(({ name }) => name),
      [...names],
    );
  });
}

test('selectTests() refuses names and tags that no test has, with the nearest', (t) => {
  const wrongName = t.throws(() => selectTests(tests, { ...all, patterns: ['ext.p.fils'] }));
  t.like(wrongName, { message: 'no test is called "ext.p.fils"', hint: 'did you mean ext.p.files?' });
  const wrongTag = t.throws(() => selectTests(tests, { ...all, tags: ['nett'] }));
  t.like(wrongTag, { message: 'no test has the tag "nett"', hint: 'did you mean net?' });
});

test('shards hold every test exactly once', (t) => {
  const many = Array.from({ length: 100 }, (_, index) => externalTest(`ext.p.${index}`));
  const shards = [1, 2, 3].map((index) => selectTests(many, { ...all, shard: { index, count: 3 } }));
  t.deepEqual(
    shards
      .flat()
      .map(({ name }) => name)
      .sort(),
    many.map(({ name }) => name).sort(),
  );
  t.true(shards.every((shard) => shard.length > 20));
  t.is(shardOf('ext.p.1', 3), shardOf('ext.p.1', 3));
});

test('parseShard() reads m/n and refuses what is no part', (t) => {
  t.deepEqual(parseShard('2/3'), { index: 2, count: 3 });
  for (const wrong of ['0/3', '4/3', '2', 'a/b', '1/0'])
    t.throws(() => parseShard(wrong), { message: `"${wrong}" is no shard` });
});

const target = { arch: 'x86_64', distro: 'debian' };
const leftOut: readonly (readonly [declaration: Parameters<typeof externalTest>[1], reason: string | null])[] = [
  [{}, null],
  [{ architectures: ['x86_64', 'aarch64'], platforms: ['qemu'], distros: ['debian'] }, null],
  [{ architectures: ['!', 's390x', 'ppc64le'] }, null],
  [{ architectures: ['!s390x'] }, null],
  [{ architectures: ['!', 'x86_64'] }, 'is not for x86_64 (architectures: ! x86_64)'],
  [{ platforms: ['aws'] }, 'is not for QEMU (platforms: aws)'],
  [{ distros: ['fcos'] }, 'is not for debian (distros: fcos)'],
  [{ unsupported: 'numaNodes' }, 'asks for what this harness does not have: numaNodes'],
];
for (const [declaration, reason] of leftOut) {
  test(`whyLeftOut() says ${reason ?? 'nothing'} for ${JSON.stringify(declaration)}`, (t) => {
    t.is(whyLeftOut(externalTest('ext.p.t', declaration), target), reason);
  });
}

test('matches() takes everything but * literally', (t) => {
  t.true(matches('ext.*.dns', 'ext.a.b.dns'));
  t.false(matches('ext.p', 'extXp'));
  t.true(matches('a+b(*)', 'a+b(c)'));
});
