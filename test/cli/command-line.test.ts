import { fileURLToPath } from 'node:url';
import test from 'ava';
import { run } from '../../lib/run.ts';
import { slipway } from '../support/slipway.ts';
import { temporaryFolder, tree } from '../support/temporary.ts';

const architectures =
  'it is one of "x86_64", "aarch64", "ppc64le", "s390x", "riscv64", "loongarch64", "i386", "armhfp", "ppc64"';
const mistakes: readonly (readonly [line: string, message: string, hint: string])[] = [
  ['doctr', 'there is no command "doctr"', 'did you mean "slipway doctor"?'],
  ['zzzzzz', 'there is no command "zzzzzz"', '`slipway --help` lists the commands'],
  ['doctor --jsn', 'there is no option "--jsn"', 'did you mean "--json"?'],
  ['doctor --jsn --qiet', 'there are no options "--jsn", "--qiet"', 'did you mean "--json", "--quiet"?'],
  ['--colour', 'there is no option "--colour"', 'did you mean "--color"?'],
  ['doctor now', 'slipway doctor does not take "now"', '`slipway doctor --help` shows how it is called'],
  ['doctor --progress', '--progress needs a value', '`slipway doctor --help` shows how it is called'],
  ['completion --shell ksh', '--shell cannot be "ksh"', 'it is one of "bash", "zsh", "fish"'],
  ['qemu test i --timeout abc', '--timeout needs a number, not "abc"', 'for example --timeout 4'],
  ['qemu run i --memory=1G', '--memory needs a number, not "1G"', 'for example --memory 4'],
  ['qemu run i --memory 8', '--memory cannot be 8', 'it is a whole number of at least 16'],
  ['qemu run i --cpus 1.5', '--cpus cannot be 1.5', 'it is a whole number of at least 1'],
  ['qemu test i --timeout -1', '--timeout cannot be -1', 'it is a whole number of at least 1'],
  ['test run i --tests . --cpus 0', '--cpus cannot be 0', 'it is a whole number of at least 1'],
  ['compose history --repo r --ref a --limit many', '--limit needs a number, not "many"', 'for example --limit 4'],
  ['compose history --repo r --ref a --limit 0', '--limit cannot be 0', 'it is a whole number of at least 1'],
  ['compose history --repo= --ref a', '--repo is empty', 'is a variable of your script not set?'],
  ['compose tree  --repo r', '<treefile> is empty', 'is a variable of your script not set?'],
  ['compose prune --repo r --keep 0', '--keep cannot be 0', 'it is a whole number of at least 1'],
  ['compose prune --repo r --older-than -1', '--older-than cannot be -1', 'it is a whole number of at least 0'],
  ['compose verify-signature a --repo r', 'no key to check with was given', 'give --ed25519-key or --gpg-keyring'],
  [
    'compose tree a.yaml --repo r --dry-run --write-commitid-to i --write-composejson-to j',
    '--dry-run makes no commit, so nothing can be written for --write-commitid-to and --write-composejson-to',
    'what is known without a commit is printed with --json',
  ],
  ['compose tree a.yaml --repo r --arch foo', '--arch cannot be "foo"', architectures],
  ['compose verify a --repo r --treefile a.yaml --arch amd64', '--arch cannot be "amd64"', architectures],
  ['treefile lint a.yaml --arch foo', '--arch cannot be "foo"', architectures],
  [
    'compose tree a.yaml --print-only --write-lockfile-to l',
    '--print-only makes no commit, so nothing can be written for --write-lockfile-to',
    'leave out --print-only',
  ],
  ['cache gc --days -1', '--days cannot be -1', 'it is a whole number of at least 0'],
  [
    'qemu screenshot',
    'slipway qemu screenshot needs <file>',
    '`slipway qemu screenshot --help` shows how it is called',
  ],
  ['qemu test i --output a --output b', '--output is given 2 times', 'give it once'],
  ['qemu run i --port 80:90:1', '--port cannot be "80:90:1"', 'it is a port of the guest (1 to 65535), or HOST:GUEST'],
  ['qemu run i --port 0', '--port cannot be "0"', 'it is a port of the guest (1 to 65535), or HOST:GUEST'],
];

for (const [line, message, hint] of mistakes) {
  test(`slipway ${line} is a usage error with a hint`, async (t) => {
    const result = await slipway(line.split(' '));
    t.deepEqual(result, { stdout: '', stderr: `error: ${message}\nhint: ${hint}\n`, exitCode: 2 });
  });
}

test('slipway compose tree refuses files that it could not write before it looks at the treefile', async (t) => {
  const cwd = await tree(t, { file: '', 'folder/a': '' });
  const compose = (...words: string[]) => slipway(['compose', 'tree', 'none.yaml', '--repo', 'r', ...words], { cwd });
  const hint = 'hint: name a file in a folder that this user may write to\n';
  for (const [option, value, reason] of [
    ['--write-commitid-to', 'folder', 'folder is no ordinary file'],
    ['--write-composejson-to', 'file/deep/er.json', `${cwd}/file is no folder`],
    ['--write-lockfile-to', '/dev/null', '/dev/null is no ordinary file'],
    ['--touch-if-changed', '/proc/version/x', '/proc/version is no folder'],
  ] as const) {
    const { stderr, exitCode } = await compose(option, value);
    t.deepEqual(
      { stderr, exitCode },
      { stderr: `error: ${option} ${value} cannot be written: ${reason}\n${hint}`, exitCode: 1 },
    );
  }
  t.regex((await compose('--write-commitid-to', 'new/folder/id')).stderr, /none\.yaml does not exist/);
});

test('requireWritable() names the folder that is on a read-only file system', async (t) => {
  const folder = await temporaryFolder(t);
  const module = fileURLToPath(new URL('../../cli/option-values.ts', import.meta.url));
  const script = `import { requireWritable } from '${module}';
    try { requireWritable('out', 'new/file'); } catch (error) { console.log(error.message); }`;
  const mounted = `mount -t tmpfs -o ro tmpfs '${folder}' && cd '${folder}' && exec '${process.execPath}' --input-type=module -e "$1"`;
  const { stdout } = await run(['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', mounted, 'sh', script]);
  t.is(stdout.trim(), `--out new/file cannot be written: ${folder} is on a read-only file system`);
});

test('slipway test list, test new and qemu list give documents with a kind', async (t) => {
  const cwd = await tree(t, {});
  const documentOf = async (line: string) =>
    JSON.parse((await slipway([...line.split(' '), '--json'], { cwd, env: { TMPDIR: cwd } })).stdout);
  t.deepEqual(await documentOf('test new net/dns'), {
    kind: 'test-skeleton',
    version: 1,
    file: 'tests/kola/net/dns.sh',
  });
  const listed = await documentOf('test list');
  t.like(listed, { kind: 'test-list', version: 1 });
  t.regex(listed.tests[0].name, /\.net\.dns/);
  const machines = await documentOf('qemu list');
  t.like(machines, { kind: 'machine-list', version: 1 });
  t.true(Array.isArray(machines.machines));
});

test('a folder in place of a lockfile is called one', async (t) => {
  const cwd = await tree(t, { 'host.yaml': 'ref: a\n', 'locks/a': '' });
  const { stderr } = await slipway(['compose', 'tree', 'host.yaml', '--repo', 'r', '--lockfile', 'locks'], { cwd });
  t.is(stderr.split('\n')[0], 'error[file-unreadable]: locks is a directory, not a file');
});

test('slipway --json prints errors as a document with the same content', async (t) => {
  const { stdout, stderr, exitCode } = await slipway(['doctr', '--json']);
  t.is(exitCode, 2);
  t.is(stderr, '');
  t.deepEqual(JSON.parse(stdout), {
    kind: 'error',
    version: 1,
    exitCode: 2,
    error: {
      kind: 'user',
      code: 'usage',
      message: 'there is no command "doctr"',
      hint: 'did you mean "slipway doctor"?',
    },
  });
});

test('slipway without a command shows the commands, and so does --help', async (t) => {
  const bare = await slipway([]);
  const help = await slipway(['--help']);
  t.is(bare.exitCode, 0);
  t.is(bare.stdout, help.stdout);
  for (const name of ['doctor', 'self-test', 'completion']) t.regex(help.stdout, new RegExp(`slipway ${name} `));
});

test('slipway COMMAND --help shows options and examples', async (t) => {
  const { stdout, exitCode } = await slipway(['self-test', '--help']);
  t.is(exitCode, 0);
  t.regex(stdout, /--fast\s+Leave out the boot tests/);
  t.regex(stdout, /Examples:\n\s+slipway self-test\s+Everything/);
});

test('slipway --version prints the version of package.json', async (t) => {
  t.regex((await slipway(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('slipway takes global options before the command', async (t) => {
  const { stdout, exitCode } = await slipway(['--progress', 'plain', '--json', 'completion']);
  t.is(exitCode, 0);
  t.like(JSON.parse(stdout), { kind: 'completion', shell: 'bash' });
});

test('slipway completes commands and options', async (t) => {
  const commands = await slipway(['--get-yargs-completions', 'slipway', ''], { env: { SHELL: '/bin/bash' } });
  t.true(commands.stdout.split('\n').includes('doctor'));
  const options = await slipway(['--get-yargs-completions', 'slipway', 'self-test', '--f'], {
    env: { SHELL: '/bin/bash' },
  });
  t.true(options.stdout.split('\n').includes('--fast'));
});

test('slipway completes the keys of a treefile where one can be explained, and takes other words too', async (t) => {
  const env = { SHELL: '/bin/bash' };
  const line = ['--get-yargs-completions', 'slipway', 'treefile', 'explain'];
  const keys = await slipway([...line, 'host.yaml', 'mach'], { env });
  t.is(keys.stdout, 'machineid-compat\n');
  const files = await slipway([...line, 'mach'], { env });
  t.false(files.stdout.includes('machineid-compat'), 'the first word is a file');
  const cwd = await tree(t, { 'host.yaml': 'packages: [vim]\n' });
  const asked = await slipway(['treefile', 'explain', 'host.yaml', 'vim'], { cwd });
  t.regex(asked.stdout, /^packages: "?vim"?\n {2}written in host\.yaml:1:12/);
});
