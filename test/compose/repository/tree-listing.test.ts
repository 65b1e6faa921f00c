import test from 'ava';
import { listTree, parseAttributes, parseListing } from '../../../compose/repository/tree-listing.ts';
import { testContext, tinyRef, tinyRepo } from '../tiny-repo.ts';

for (const [text, expected] of [
  ['@a(ayay) []', []],
  [`[(b'user.x', [byte 0x01, 0xff])]`, [['user.x', '01ff']]],
  [`[(b'user.empty', @ay [])]`, [['user.empty', '']]],
  [
    `[(b'user.a', b'one'), (b'user.b', [byte 0x02])]`,
    [
      ['user.a', '6f6e6500'],
      ['user.b', '02'],
    ],
  ],
  [String.raw`[(b'user.x', b'\001\377\n\\')]`, [['user.x', '01ff0a5c00']]],
  [`[(b'user.x', b"it's")]`, [['user.x', '6974277300']]],
] as const) {
  test(`parseAttributes() reads ${text}`, (t) => {
    t.deepEqual(
      [...parseAttributes(text)].map(([name, value]) => [name, value.toString('hex')]),
      expected.map((pair) => [...pair]),
    );
  });
}

const sum = 'a'.repeat(64);
const line = (rest: string, columns = '-04755 0 0 1'): string => `${columns} ${sum} { @a(ayay) [] } ${rest}\n`;

test('listTree() knows names and targets with line ends, arrows and braces', async (t) => {
  const { repo, commit } = await tinyRepo(t);
  const fake = line('/usr/bin/sudo').trimEnd();
  await commit({
    files: { 'a\nb': '1', 'a -> b': '22', 'x } /y': '333', [`n\n${fake.replaceAll('/', '')}`]: '' },
    links: { 'l -> m': 'c -> d\n', 'last\n': `x\n-04755 1\n`, 'k\n': '\n\n' },
  });
  const tree = await listTree(repo, tinyRef, testContext());
  t.deepEqual([...tree.values()].map(({ path, type, size, target }) => [path, type, size, target]).sort(), [
    ['/', 'directory', 0, null],
    ['/a\nb', 'file', 1, null],
    ['/a -> b', 'file', 2, null],
    ['/k\n', 'symlink', 0, '\n\n'],
    ['/l -> m', 'symlink', 0, 'c -> d\n'],
    ['/last\n', 'symlink', 0, 'x\n-04755 1\n'],
    [`/n\n${fake.replaceAll('/', '')}`, 'file', 0, null],
    ['/x } ', 'directory', 0, null],
    ['/x } /y', 'file', 3, null],
  ]);
});

test('parseListing() takes no target for an entry', (t) => {
  const link = line(`/a -> x\n${line('/b')}y`, 'l00777 0 0 0');
  for (const paths of [['/a', '/b'], ['/a'], ['/a', '/b', '/c']]) {
    t.throws(() => parseListing(`${link}${line('/b', '-00644 0 0 1')}`, paths), { message: /is not understood/ });
  }
  t.is(parseListing(line('/a') + line('/b'), ['/a', '/b']).length, 2);
});
