import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeReposIn } from '../compose/resolve/support/small-repo.ts';
import { type ProgramResult, slipway } from '../support/slipway.ts';
import { tree } from '../support/temporary.ts';

test('explain tells which package brings a path, beside the lines about a folder above it', async (t) => {
  const cwd = await tree(t, {
    'host.yaml': 'ref: a\npackages: [tool]\nrepos: [small]\nremove-files: [/usr/share/doc]\n',
  });
  const packages = [{ name: 'tool', files: ['/usr/bin/tool', '/usr/share/doc/tool'] }];
  await makeReposIn(cwd, [{ id: 'small', packages }]);
  const env = { SLIPWAY_CACHE: join(cwd, 'cache') };
  const explain = async (path: string): Promise<string> =>
    (await slipway(['treefile', 'explain', 'host.yaml', path], { cwd, env })).stdout;
  t.is(await explain('/usr/bin/tool'), 'tool-1-1.noarch brings /usr/bin/tool\n');
  t.is(await explain('/usr/bin/other'), 'no line names /usr/bin/other, and no package brings it\n');
  const removed = 'remove-files: /usr/share/doc\n  written in host.yaml:4:16\n';
  t.is(await explain('/usr/share/doc/tool'), `${removed}\ntool-1-1.noarch brings /usr/share/doc/tool\n`);
  t.is(await explain('/usr/share/doc'), removed, 'a line about the path itself is answer enough');
});

const packages = [
  { name: 'podman', requires: ['runtime'] },
  { name: 'crun', provides: ['runtime'] },
  { name: 'crun', version: '2', provides: ['runtime'] },
  { name: 'vim' },
];

/** A folder with a repository, a treefile made of two files, and a function that asks about it. */
async function host(
  t: ExecutionContext,
  yaml: string,
): Promise<{ cwd: string; explain: (...args: string[]) => Promise<ProgramResult> }> {
  const cwd = await tree(t, {
    'host.yaml': `include: base.yaml\nref: a\n${yaml}\n`,
    'base.yaml': 'packages: [podman, crun, vim]\n',
  });
  await makeReposIn(cwd, [{ id: 'small', packages }]);
  const env = { SLIPWAY_CACHE: join(cwd, 'cache') };
  return { cwd, explain: (...args) => slipway(['treefile', 'explain', 'host.yaml', ...args], { cwd, env }) };
}

test('explain says by which line the package at the top of a chain is asked for', async (t) => {
  const { explain } = await host(t, 'repos: [small]\nremove-inherited: {packages: [crun, vim]}');
  const needed = await explain('crun');
  t.is(
    needed.stdout,
    [
      'packages: crun (removed by host.yaml:4:31)',
      '  written in base.yaml:1:20',
      '    included by host.yaml:1:10 (include)',
      '',
      'podman-1-1.noarch is asked for by',
      '  packages: podman',
      '    written in base.yaml:1:12',
      '      included by host.yaml:1:10 (include)',
      '  podman-1-1.noarch requires runtime: crun-2-1.noarch',
      '',
    ].join('\n'),
  );
  const gone = await explain('vim');
  t.is(gone.exitCode, 0);
  t.true(gone.stdout.startsWith('packages: vim (removed by host.yaml:4:37)\n'));
  t.true(gone.stdout.endsWith('\n\nvim is not in the tree\n'));
  t.is(JSON.parse((await explain('vim', '--json')).stdout).inTree, false);
  const unknown = await explain('crum');
  t.is(unknown.exitCode, 1);
  t.regex(unknown.stderr, /crum is neither a key nor a package of this tree\n.*did you mean crun\?/);
});

test('explain says what it can without repositories, and that an excluded package is not in the tree', async (t) => {
  const { explain } = await host(t, 'remove-inherited: {packages: [crun]}\nexclude-packages: [nano]');
  t.true(
    (await explain('crun')).stdout.endsWith(
      'nothing asks for crun any more; the treefile names no repositories to ask whether another package needs it\n',
    ),
  );
  t.is(
    (await explain('nano')).stdout,
    'exclude-packages: nano\n  written in host.yaml:4:20\n\nnano is not in the tree\n',
  );
  t.regex((await explain('emacs')).stderr, /emacs is no key, no line names it, and the treefile names no repositories/);
});

test('explain describes the tree of a lockfile', async (t) => {
  const { cwd, explain } = await host(t, 'repos: [small]');
  t.true((await explain('crun', '--resolve')).stdout.includes('\ncrun-2-1.noarch is asked for by\n'));
  await writeFile(join(cwd, 'lock.json'), '{"packages": {"crun": {"evra": "1-1.noarch"}}}\n');
  t.true((await explain('crun', '--resolve', '--lockfile', 'lock.json')).stdout.includes('\ncrun-1-1.noarch is asked'));
  t.regex((await explain('crun', '--lockfile-strict')).stderr, /--lockfile-strict says nothing without a lockfile/);
});

test('explain knows what follows the build, and members that nobody sets', async (t) => {
  const { explain } = await host(t, 'metadata: {a: 1}');
  t.is(
    (await explain('basearch', '--arch', 'aarch64')).stdout,
    'nobody sets basearch; it follows the build: aarch64\n',
  );
  t.is((await explain('metadata.b')).stdout, 'nobody sets metadata.b\n');
  t.is((await explain('packages-s390x')).stdout, 'nobody sets packages-s390x\n');
  t.is((await explain('variables.x')).stdout, 'nobody defines variables.x\n');
});
