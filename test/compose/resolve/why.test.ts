import test from 'ava';
import type { PackageReasons } from '../../../compose/resolve/solv/job.ts';
import { whyPackage } from '../../../compose/resolve/why.ts';
import { UserError } from '../../../lib/errors.ts';

function row(
  name: string,
  requests: string[],
  requiredBy: string[] = [],
  recommendedBy: string[] = [],
): PackageReasons {
  const by = (names: string[]) => names.map((asker) => ({ package: `${asker}-1-1.noarch`, dependency: `${name}()` }));
  return {
    package: `${name}-1-1.noarch`,
    name,
    requests,
    requiredBy: by(requiredBy),
    recommendedBy: by(recommendedBy),
  };
}

const tree = [
  row('shell', ['shell']),
  row('app', ['app*']),
  row('middle', [], ['app']),
  row('detour', [], ['middle']),
  row('lib', [], ['detour', 'middle', 'ring']),
  row('ring', [], ['lib']),
  row('nice', [], [], ['lib']),
  row('stray', []),
];

test('whyPackage() gives the shortest chain from a request, with the dependency at each link', (t) => {
  const [answer] = whyPackage(tree, 'lib');
  t.is(answer?.request, 'app*');
  t.deepEqual(answer?.chain, [
    { package: 'app-1-1.noarch' },
    { package: 'middle-1-1.noarch', dependency: 'middle()', kind: 'requires' },
    { package: 'lib-1-1.noarch', dependency: 'lib()', kind: 'requires' },
  ]);
});

test('whyPackage() uses recommendations only where nothing requires the package', (t) => {
  const [answer] = whyPackage(tree, 'nice-1-1.noarch');
  t.deepEqual(answer?.chain.at(-1), { package: 'nice-1-1.noarch', dependency: 'nice()', kind: 'recommends' });
});

test('whyPackage() says that a package is requested itself', (t) => {
  t.like(whyPackage(tree, 'shell'), [{ request: 'shell', chain: [{ package: 'shell-1-1.noarch' }] }]);
});

test('whyPackage() gives no request for a package that nobody above asks for', (t) => {
  t.like(whyPackage(tree, 'stray'), [{ request: null, chain: [{ package: 'stray-1-1.noarch' }] }]);
});

test('whyPackage() names near packages for one that is not there', (t) => {
  const error = t.throws(() => whyPackage(tree, 'shel'), { instanceOf: UserError });
  t.is(error.message, 'shel is not in the tree');
  t.is(error.hint, 'did you mean shell?');
});
