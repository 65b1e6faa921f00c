import test from 'ava';
import { printTreefile } from '../../../compose/treefile/print.ts';
import { readTree } from './read-tree.ts';

test('the architecture and the packages are printed even if nobody sets them', async (t) => {
  const { flat } = await readTree(t, { 'top.yaml': 'repovars: {a: b}\nvariables: {x: 1}\n' }, 'aarch64');
  t.deepEqual(printTreefile(flat!), { basearch: 'aarch64', packages: [] });
});

test('a file for containers has everything that follows from it', async (t) => {
  const { flat, problems } = await readTree(t, {
    'top.yaml': 'include: a.yaml\ncontainer: true\nunits: [a.service]\n',
    'a.yaml': 'selinux: true\ncheck-passwd: {type: previous}\n',
  });
  t.is(problems, '');
  t.deepEqual(printTreefile(flat!), {
    basearch: 'x86_64',
    'boot-location': 'modules',
    'check-groups': { type: 'none' },
    'check-passwd': { type: 'none' },
    container: true,
    packages: [],
    'preserve-passwd': false,
    selinux: false,
    'tmp-is-dir': true,
    units: ['a.service'],
  });
});

test('container: true stands against its own file, which says so, but not against an includer', async (t) => {
  const own = await readTree(t, { 'top.yaml': 'container: true\nselinux: true\nedition: "2024"\n' });
  t.is(own.printed.selinux, false);
  t.is(
    own.problems,
    'warning[no-effect]: "selinux" has no effect with container: true\n  --> top.yaml:2:10\n2 | selinux: true\n  |          ^^^^',
  );
  const includer = await readTree(t, { 'top.yaml': 'include: a.yaml\nselinux: true\n', 'a.yaml': 'container: true\n' });
  t.is(includer.printed.selinux, true);
  t.is(includer.printed['preserve-passwd'], false);
});
